package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A generator beside a learner, fixed or learning, as the piece of state {@code generator}. It runs
 * in float32. Images are generated in inference mode, one by one independent; it learns in training
 * mode, where a whole batch shares its statistics, by Adam steps on
 *
 * <pre>factor * sum over the batch of |G(z_i) - x_i|^2</pre>
 *
 * <p>Not thread-safe. Close it to free its plans and arrays.
 */
public final class LearnedGenerator extends OnePiece implements AutoCloseable {
    /** Name of its piece of state. */
    public static final String PIECE = "generator";

    private final GeneratorConfig config;
    private final INDArray parameters;
    private final CompiledNetwork plan;
    private final CompiledNetwork training;
    private final INDArray gradient;
    private final Optimizer optimizer;
    private final float[] scratch;
    private final Loss distance = this::distance;

    private float[] targets;
    private float factor;
    private double loss;

    /**
     * @param executor compiles it
     * @param part images in one call of {@link #generate}
     * @param batch pairs in one call of {@link #computeGradient}
     * @param weights its weights; copied
     * @throws IllegalArgumentException if the weights do not fit
     */
    public LearnedGenerator(
            GeneratorConfig config, Executor executor, int part, int batch, float[] weights) {
        super(PIECE);
        this.config = config;
        Network network = config.network();
        float[] copy = LearnerWeights.checked("generator", weights, network);
        parameters = Nd4j.zeros(DataType.FLOAT, 1, copy.length);
        FloatArrays.write(copy, 0, parameters, 0, copy.length);
        plan = executor.compile(network, part, Precision.FLOAT32);
        plan.setParameters(parameters);
        if (config.learns()) {
            training = executor.compile(network, batch, Precision.FLOAT32, Mode.TRAINING);
            gradient = Nd4j.zeros(DataType.FLOAT, 1, copy.length);
            optimizer = new Optimizer(OptimizerKind.ADAM, copy.length);
            scratch = new float[copy.length];
        } else {
            training = null;
            gradient = null;
            optimizer = null;
            scratch = null;
        }
    }

    /** Compiled for inference with the current weights. Stays this object's. */
    public CompiledNetwork plan() {
        return plan;
    }

    /** A copy of the weights. */
    public float[] weights() {
        return FloatArrays.toHeap(parameters);
    }

    /**
     * x = G(z), bit for bit the same in any batch.
     *
     * @param z [n, c, h, w] of the network's input
     * @param x [n, c, h, w] of its output, overwritten
     */
    public void generate(INDArray z, INDArray x) {
        plan.forward(z, x);
    }

    /**
     * Computes the gradient for {@link #step}, one piece of work for the whole batch. Changes no
     * state.
     *
     * @param z latents of all pairs, [n, c, h, w]
     * @param images what they shall give, n images one after the other
     * @param lossFactor of the sum of squared distances
     */
    public void computeGradient(INDArray z, float[] images, double lossFactor) {
        if (training == null) {
            throw new IllegalStateException("expected a generator that learns, found a fixed one");
        }
        targets = images;
        factor = (float) lossFactor;
        loss = 0;
        gradient.assign(0);
        training.setParameters(parameters);
        training.gradient(z, distance, null, 1, gradient);
        FloatArrays.read(gradient, 0, scratch, 0, scratch.length);
    }

    private void distance(int first, int n, float[] outputs, float[] derivative) {
        int size = config.network().output().size();
        double sum = 0;
        for (int k = 0; k < n * size; k++) {
            float difference = outputs[k] - targets[first * size + k];
            derivative[k] = 2 * factor * difference;
            sum += (double) difference * difference;
        }
        loss += factor * sum;
    }

    /** The loss at the last {@link #computeGradient}, 0 before the first. */
    public double loss() {
        return loss;
    }

    /** Whether the last {@link #computeGradient} gave a finite loss and gradient. */
    public boolean finite() {
        return Double.isFinite(loss)
                && FloatArrays.within(scratch, scratch.length, Optimizer.LARGEST_GRADIENT);
    }

    /**
     * Takes one step of Adam along the last gradient and moves the running statistics.
     *
     * @param round says how many steps came before and by what the rate is multiplied
     */
    public void step(ChainRound round) {
        double rate = config.learningRate().at(round.updates()) * round.rateFactor();
        optimizer.step(parameters, gradient, rate, round.updates());
        training.updateRunningStatistics(parameters);
        plan.setParameters(parameters);
        changed();
    }

    /** Takes other weights; the optimizer's moments stay. */
    void start(float[] weights) {
        float[] checked = LearnerWeights.checked("generator", weights, config.network());
        FloatArrays.write(checked, 0, parameters, 0, checked.length);
        plan.setParameters(parameters);
        changed();
    }

    @Override
    public byte[] piece(String piece) {
        float[] weights = weights();
        float[] moments = optimizer == null ? new float[0] : optimizer.state();
        return new StateWriter(StateKind.GENERATOR, 4 * (weights.length + moments.length) + 64)
                .putFloats(weights, weights.length)
                .putFloats(moments, moments.length)
                .toBytes();
    }

    @Override
    public void restore(String piece, byte[] state) {
        int count = config.network().parameterCount();
        StateReader reader = new StateReader(StateKind.GENERATOR, state);
        float[] weights = reader.nextFloats(count);
        float[] moments =
                reader.nextFloats(
                        optimizer == null ? 0 : Optimizer.stateSize(OptimizerKind.ADAM, count));
        reader.end();
        FloatArrays.write(weights, 0, parameters, 0, count);
        if (optimizer != null) {
            optimizer.restore(moments);
        }
        plan.setParameters(parameters);
        changed();
    }

    @Override
    public void close() {
        plan.close();
        if (training != null) {
            training.close();
            optimizer.close();
        }
        for (INDArray array : new INDArray[] {parameters, gradient}) {
            if (array != null && array.closeable()) {
                array.close();
            }
        }
    }
}
