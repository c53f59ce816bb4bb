package io.ebmstream.ops.hat;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Autoencoder;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.learner.Optimizer;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains a deterministic autoencoder, batch by batch ({@link AutoencoderConfig} has the loss); its
 * decoder is the generator of {@code hat-retrofit}. The networks have no batch normalisation, so
 * that they compute the same in training and in use. Epochs are shuffled; the rest of an epoch that
 * fills no batch is left out.
 *
 * <p>The course is a pure function of configuration, images, executor and precision; a restored
 * training goes on bit for bit. Not thread-safe; owns native memory: close it.
 */
public final class AutoencoderTraining implements AutoCloseable {
    private static final long ORDER = 0x6F72646572L;
    private static final long NOISE = 0x6E6F697365L;
    private static final long DECODER = 0x6465636FL;

    private final AutoencoderConfig config;
    private final ImageDataset data;
    private final int size;
    private final CompiledNetwork encoder;
    private final CompiledNetwork decoder;
    private final INDArray images;
    private final INDArray latents;
    private final INDArray byLatents;
    private final INDArray encoderWeights;
    private final INDArray decoderWeights;
    private final INDArray encoderGradient;
    private final INDArray decoderGradient;
    private final Optimizer encoderOptimizer;
    private final Optimizer decoderOptimizer;
    private final GaussianNoise gaussian = new GaussianNoise();
    private final float[] clean;
    private final float[] noised;
    private final float[] noise;
    private final float[] pulled;
    private final double[] losses;
    private int[] order = {};
    private int orderEpoch = -1;
    private int done;
    private double loss = Double.NaN;

    /** Where a training is, to be saved: copies. */
    public record State(
            int done,
            float[] encoder,
            float[] decoder,
            float[] encoderMoments,
            float[] decoderMoments) {}

    /**
     * @param data images of the configuration's shape
     * @throws IllegalArgumentException if the images have another shape, or are fewer than a batch
     */
    public AutoencoderTraining(
            AutoencoderConfig config, Executor executor, Precision precision, ImageDataset data) {
        if (!data.shape().equals(config.image()) || data.size() < config.batch()) {
            throw new IllegalArgumentException(
                    "expected at least one batch of "
                            + config.batch()
                            + " images of "
                            + config.image()
                            + ", found "
                            + data.size()
                            + " of "
                            + data.shape()
                            + " in "
                            + data.name());
        }
        this.config = config;
        this.data = data;
        Network e = config.encoder().build();
        Network d = config.decoder().build();
        int n = config.batch();
        size = config.image().size();
        encoder = executor.compile(e, n, precision);
        decoder = executor.compile(d, n, precision);
        images = array(n, config.image());
        latents = array(n, Autoencoder.LATENTS);
        byLatents = array(n, Autoencoder.LATENTS);
        encoderWeights = row(Initializer.weights(e, config.seed()));
        decoderWeights = row(Initializer.weights(d, Threefry.derive(config.seed(), DECODER)));
        encoderGradient = row(new float[e.parameterCount()]);
        decoderGradient = row(new float[d.parameterCount()]);
        encoderOptimizer = new Optimizer(OptimizerKind.ADAM, e.parameterCount());
        decoderOptimizer = new Optimizer(OptimizerKind.ADAM, d.parameterCount());
        clean = new float[n * size];
        noised = new float[n * size];
        noise = new float[size];
        pulled = new float[n * Autoencoder.LATENTS.size()];
        losses = new double[n];
    }

    private static INDArray array(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    private static INDArray row(float[] values) {
        return Nd4j.create(values, new long[] {1, values.length}, DataType.FLOAT);
    }

    /** Steps done. */
    public int done() {
        return done;
    }

    /** Loss of the last batch before its step; NaN before the first. */
    public double loss() {
        return loss;
    }

    /** A copy of the encoder's weights. */
    public float[] encoderWeights() {
        return FloatArrays.toHeap(encoderWeights);
    }

    /** A copy of the decoder's weights. */
    public float[] decoderWeights() {
        return FloatArrays.toHeap(decoderWeights);
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
        encoder.setParameters(encoderWeights);
        decoder.setParameters(decoderWeights);
        encoderGradient.assign(0);
        decoderGradient.assign(0);
        encoder.forward(images, latents);
        decoder.gradient(latents, this::reconstruction, byLatents, 1, decoderGradient);
        FloatArrays.read(byLatents, 0, pulled, 0, pulled.length);
        encoder.gradient(images, this::pullBack, null, 1, encoderGradient);
        loss = 0;
        for (double one : losses) {
            loss += one / (config.batch() * (double) size);
        }
        if (!Double.isFinite(loss)) {
            throw new IllegalStateException(
                    "expected a finite loss, found "
                            + loss
                            + " at step "
                            + done
                            + "; use a lower learning rate");
        }
        encoderOptimizer.step(encoderWeights, encoderGradient, config.rate(), done);
        decoderOptimizer.step(decoderWeights, decoderGradient, config.rate(), done);
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
        long seed = Threefry.derive(config.seed(), NOISE);
        float s = (float) config.noise();
        for (int i = 0; i < config.batch(); i++) {
            int number = order[done % perEpoch * config.batch() + i];
            Pixels.toFloat(data.image(number).pixels(), 0, clean, i * size, size);
            gaussian.fill(seed, i, done, noise, 0, size);
            for (int k = 0; k < size; k++) {
                noised[i * size + k] = clean[i * size + k] + s * noise[k];
            }
        }
        FloatArrays.write(noised, 0, images, 0, noised.length);
    }

    /** Derivative of the loss by the decoder's images. */
    private void reconstruction(int first, int n, float[] outputs, float[] gradient) {
        float scale = 2f / (config.batch() * (float) size);
        for (int i = 0; i < n; i++) {
            double squares = 0;
            for (int k = i * size; k < (i + 1) * size; k++) {
                float difference = outputs[k] - clean[first * size + k];
                squares += (double) difference * difference;
                gradient[k] = scale * difference;
            }
            losses[first + i] = squares;
        }
    }

    private void pullBack(int first, int n, float[] outputs, float[] gradient) {
        int latent = Autoencoder.LATENTS.size();
        System.arraycopy(pulled, first * latent, gradient, 0, n * latent);
    }

    /** Where it is. */
    public State state() {
        return new State(
                done,
                encoderWeights(),
                decoderWeights(),
                encoderOptimizer.state(),
                decoderOptimizer.state());
    }

    /**
     * Goes on from a state of a training of the same configuration.
     *
     * @throws IllegalArgumentException if it is a state of other networks or of more steps
     */
    public void restore(State state) {
        int e = (int) encoderWeights.length();
        int d = (int) decoderWeights.length();
        if (state.encoder().length != e
                || state.decoder().length != d
                || state.encoderMoments().length != 2 * e
                || state.decoderMoments().length != 2 * d
                || state.done() > config.steps()) {
            throw new IllegalArgumentException(
                    "expected a state of "
                            + e
                            + " and "
                            + d
                            + " weights after at most "
                            + config.steps()
                            + " steps, found "
                            + state.encoder().length
                            + " and "
                            + state.decoder().length
                            + " after "
                            + state.done());
        }
        done = state.done();
        FloatArrays.write(state.encoder(), 0, encoderWeights, 0, e);
        FloatArrays.write(state.decoder(), 0, decoderWeights, 0, d);
        encoderOptimizer.restore(state.encoderMoments());
        decoderOptimizer.restore(state.decoderMoments());
    }

    /** Frees native memory. Closing twice is harmless. */
    @Override
    public void close() {
        encoder.close();
        decoder.close();
        encoderOptimizer.close();
        decoderOptimizer.close();
        for (INDArray array :
                new INDArray[] {
                    images,
                    latents,
                    byLatents,
                    encoderWeights,
                    decoderWeights,
                    encoderGradient,
                    decoderGradient
                }) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
