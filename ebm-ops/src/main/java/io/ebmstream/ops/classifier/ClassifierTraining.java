package io.ebmstream.ops.classifier;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.ParameterKind;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains a classifier, batch by batch; see {@link ClassifierTrainingConfig} for the rule. Epochs
 * are shuffled, the rest of an epoch that fills no batch is left out. Batch normalisation uses the
 * batch's statistics and keeps running ones.
 *
 * <p>The course is a pure function of configuration, images and precision; a restored training goes
 * on bit for bit. Not thread-safe; runs on the calling thread. Owns native memory: close it.
 */
public final class ClassifierTraining implements AutoCloseable {
    private static final long ORDER = 0x6F72646572L;

    private final ClassifierTrainingConfig config;
    private final ImageDataset data;
    private final int size;
    private final int classes;
    private final CompiledNetwork compiled;
    private final INDArray images;
    private final INDArray parameters;
    private final INDArray gradient;
    private final float[] weights;
    private final float[] gradients;
    private final float[] velocity;
    private final boolean[] decays;
    private final GaussianNoise normals = new GaussianNoise();
    private final float[] scratch;
    private final float[] inputs;
    private final int[] labels;
    private final float[] row;
    private int[] order = {};
    private int orderEpoch = -1;
    private int done;
    private double loss = Double.NaN;
    private int hits;

    /** Where a training is, to be saved: copies. */
    public record State(int done, float[] weights, float[] velocity) {}

    /**
     * @param data labelled images of the network's input
     * @throws IllegalArgumentException if an image has no label that the network has a logit for,
     *     or there are fewer images than a batch
     */
    public ClassifierTraining(
            ClassifierTrainingConfig config,
            Executor executor,
            Precision precision,
            ImageDataset data) {
        this.config = config;
        this.data = data;
        Network network = config.network();
        classes = network.output().size();
        checkLabels(data, network.input(), classes);
        if (data.size() < config.batch()) {
            throw new IllegalArgumentException(
                    "expected at least one batch of "
                            + config.batch()
                            + " images, found "
                            + data.size()
                            + " in "
                            + data.name());
        }
        ImageShape shape = network.input();
        size = shape.size();
        scratch = new float[size];
        inputs = new float[config.batch() * size];
        labels = new int[config.batch()];
        row = new float[classes];
        weights = Initializer.weights(network, config.seed());
        gradients = new float[weights.length];
        velocity = new float[weights.length];
        decays = decays(network);
        compiled = executor.compile(network, config.batch(), precision, Mode.TRAINING);
        images =
                Nd4j.zeros(
                        DataType.FLOAT,
                        config.batch(),
                        shape.channels(),
                        shape.height(),
                        shape.width());
        parameters = Nd4j.createFromArray(weights);
        gradient = Nd4j.zeros(DataType.FLOAT, weights.length);
    }

    /**
     * Checks that images have labels.
     *
     * @throws IllegalArgumentException if one has none of 0 to classes - 1, or another shape
     */
    public static void checkLabels(ImageDataset data, ImageShape image, int classes) {
        if (!data.shape().equals(image)) {
            throw new IllegalArgumentException(
                    "expected images of "
                            + image
                            + " for this classifier, found "
                            + data.shape()
                            + " in "
                            + data.name());
        }
        for (int i = 0; i < data.size(); i++) {
            int label = data.image(i).label();
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException(
                        "expected a label from 0 to "
                                + (classes - 1)
                                + " on every image of "
                                + data.name()
                                + ", found "
                                + (label == Image.NO_LABEL ? "none" : "" + label)
                                + " on image "
                                + i);
            }
        }
    }

    private static boolean[] decays(Network network) {
        boolean[] decays = new boolean[network.parameterCount()];
        for (Network.Parameter parameter : network.parameters()) {
            if (parameter.kind() == ParameterKind.WEIGHT) {
                Arrays.fill(
                        decays, parameter.offset(), parameter.offset() + parameter.size(), true);
            }
        }
        return decays;
    }

    /** Steps done. */
    public int done() {
        return done;
    }

    /** Mean cross-entropy of the last batch before its step, in nats; NaN before the first. */
    public double loss() {
        return loss;
    }

    /** Share of the last batch, as it was varied, that was classified rightly. */
    public double batchAccuracy() {
        return (double) hits / config.batch();
    }

    /** A copy of the weights. */
    public float[] weights() {
        return FloatArrays.toHeap(parameters);
    }

    /**
     * Takes one step.
     *
     * @throws IllegalStateException if all steps are done, or the loss is no longer finite
     */
    public void step() {
        if (done >= config.steps()) {
            throw new IllegalStateException("expected steps to be left, found all done: " + done);
        }
        fill();
        compiled.setParameters(parameters);
        gradient.assign(0);
        compiled.gradient(images, this::lossGradient, null, 1f / config.batch(), gradient);
        if (!Double.isFinite(loss)) {
            throw new IllegalStateException(
                    "expected a finite loss, found "
                            + loss
                            + " at step "
                            + done
                            + "; use a lower learning rate");
        }
        compiled.updateRunningStatistics(parameters);
        descend(config.rateAt(done));
        done++;
    }

    private void fill() {
        int perEpoch = data.size() / config.batch();
        int epoch = done / perEpoch;
        if (epoch != orderEpoch) {
            long key = Threefry.derive(Threefry.derive(config.seed(), ORDER), epoch);
            order = Draws.distinct(key, data.size(), data.size());
            orderEpoch = epoch;
        }
        for (int i = 0; i < config.batch(); i++) {
            Image image = data.image(order[done % perEpoch * config.batch() + i]);
            labels[i] = image.label();
            config.augmentation()
                    .apply(
                            image.pixels(),
                            image.shape(),
                            config.seed(),
                            (long) done * config.batch() + i,
                            normals,
                            scratch,
                            inputs,
                            i * size);
        }
        FloatArrays.write(inputs, 0, images, 0, inputs.length);
    }

    /** Of the sum over the batch; training mode asks for all at once. */
    private void lossGradient(int first, int n, float[] outputs, float[] result) {
        double sum = 0;
        hits = 0;
        for (int i = 0; i < n; i++) {
            System.arraycopy(outputs, i * classes, row, 0, classes);
            int label = labels[first + i];
            sum += Logits.crossEntropy(row, label);
            hits += Logits.argmax(row) == label ? 1 : 0;
            Logits.crossEntropyGradient(row, label, 1, result, i * classes);
        }
        loss = sum / n;
    }

    private void descend(double rate) {
        FloatArrays.read(gradient, 0, gradients, 0, gradients.length);
        FloatArrays.read(parameters, 0, weights, 0, weights.length);
        float momentum = (float) config.momentum();
        float decay = (float) config.weightDecay();
        float factor = (float) rate;
        for (int i = 0; i < weights.length; i++) {
            float g = decays[i] ? gradients[i] + decay * weights[i] : gradients[i];
            velocity[i] = momentum * velocity[i] + g;
            weights[i] -= factor * (g + momentum * velocity[i]);
        }
        FloatArrays.write(weights, 0, parameters, 0, weights.length);
    }

    /** Where it is. */
    public State state() {
        return new State(done, weights(), velocity.clone());
    }

    /**
     * Goes on from a state of a training of the same configuration.
     *
     * @throws IllegalArgumentException if it is a state of another network or of more steps
     */
    public void restore(State state) {
        if (state.weights().length != weights.length
                || state.velocity().length != weights.length
                || state.done() > config.steps()) {
            throw new IllegalArgumentException(
                    "expected a state of "
                            + weights.length
                            + " weights after at most "
                            + config.steps()
                            + " steps, found "
                            + state.weights().length
                            + " after "
                            + state.done());
        }
        done = state.done();
        System.arraycopy(state.velocity(), 0, velocity, 0, velocity.length);
        FloatArrays.write(state.weights(), 0, parameters, 0, weights.length);
    }

    @Override
    public void close() {
        compiled.close();
        for (INDArray array : new INDArray[] {images, parameters, gradient}) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
