package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.BatchStatistics;
import io.ebmstream.ops.compute.CheckedNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as a {@link Graph}: one image after another in inference, all images of a call in
 * training. Pixels are rounded to float32 after every Langevin step, so that a run may be cut
 * anywhere. Not thread-safe.
 */
final class ReferenceNetwork extends CheckedNetwork {
    private static final Loss ENERGY = (first, n, outputs, gradient) -> gradient[0] = 1;

    private final BatchStatistics statistics;
    private final Graph graph;
    private final double[] gradientSum;
    private final float[] pixels;
    private final float[] noise;
    private final float[] flat;
    private final float[] outputs;
    private final float[] outputGradients;
    private final GaussianNoise gaussian = new GaussianNoise();

    ReferenceNetwork(Network network, int batch, Mode mode) {
        super(network, batch, Precision.FLOAT32, mode);
        statistics = new BatchStatistics(network);
        graph = new Graph(network, mode == Mode.TRAINING ? batch : 1, mode, statistics);
        gradientSum = new double[network.parameterCount()];
        flat = new float[network.parameterCount()];
        pixels = new float[network.input().size()];
        noise = new float[network.input().size()];
        outputs = new float[graph.block() * network.output().size()];
        outputGradients = new float[outputs.length];
    }

    @Override
    protected void takeParameters(INDArray vector) {
        FloatArrays.read(vector, 0, flat, 0, flat.length);
        for (int i = 0; i < flat.length; i++) {
            graph.parameters[i] = flat[i];
        }
    }

    @Override
    protected void forward(INDArray inputs, int n, INDArray results) {
        int size = network().output().size();
        for (int first = 0; first < n; first += graph.block()) {
            int m = forwardBlock(inputs, first, n);
            FloatArrays.write(outputs, 0, results, (long) first * size, m * size);
        }
    }

    @Override
    protected void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator) {
        double[] sum = accumulator == null ? null : startSum(accumulator);
        for (int first = 0; first < n; first += graph.block()) {
            int m = forwardBlock(inputs, first, n);
            backwardBlock(loss, first, m, scale, sum);
            for (int i = 0; i < m && inputGradient != null; i++) {
                store(graph.inputGradients[i], inputGradient, first + i);
            }
        }
        if (accumulator != null) {
            flushSum(accumulator);
        }
    }

    @Override
    protected void moveRunningStatistics(INDArray parameters) {
        statistics.update(parameters);
    }

    @Override
    protected void energies(INDArray images, int n, float[] energies) {
        for (int i = 0; i < n; i++) {
            forwardBlock(images, i, n);
            energies[i] = outputs[0];
        }
    }

    @Override
    protected void inputGradient(INDArray images, int n, INDArray gradient) {
        gradient(images, n, ENERGY, gradient, 0, null);
    }

    @Override
    protected void parameterGradient(
            INDArray images, int n, float scale, INDArray accumulator, float[] energies) {
        double[] sum = startSum(accumulator);
        for (int i = 0; i < n; i++) {
            forwardBlock(images, i, n);
            energies[i] = outputs[0];
            backwardBlock(ENERGY, i, 1, scale, sum);
        }
        flushSum(accumulator);
    }

    @Override
    protected void langevin(
            INDArray images,
            int n,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        for (int i = 0; i < n; i++) {
            load(images, i, graph.inputs[0]);
            for (int k = 0; k < steps; k++) {
                graph.forward(1);
                graph.clearGradients(1)[0][0] = 1;
                graph.backward(1, 0, null);
                gaussian.fill(seed, chains[i], firstSteps[i] + k, noise, 0, noise.length);
                displacement[i] = step(config);
            }
            store(graph.inputs[0], images, i);
        }
    }

    @Override
    protected void free() {}

    /**
     * Outputs of the inputs, with these weights, in double precision: the inputs are one block.
     *
     * @return [image][c, h, w] of the output, valid until the next call
     */
    double[][] exact(double[] weights, double[][] inputs) {
        System.arraycopy(weights, 0, graph.parameters, 0, weights.length);
        for (int i = 0; i < inputs.length; i++) {
            System.arraycopy(inputs[i], 0, graph.inputs[i], 0, inputs[i].length);
        }
        return graph.forward(inputs.length);
    }

    /** Moves the image by its gradient and the noise; the norm of the drift. */
    private float step(LangevinConfig config) {
        double[] image = graph.inputs[0];
        double[] drift = graph.inputGradients[0];
        double squares = 0;
        for (int j = 0; j < image.length; j++) {
            drift[j] = config.energyFactor() * drift[j] + config.decay() * image[j];
            squares += drift[j] * drift[j];
        }
        double norm = Math.sqrt(squares);
        boolean clipped = config.maxLangevinNorm() > 0 && norm > config.maxLangevinNorm();
        double scale = clipped ? config.maxLangevinNorm() / norm : 1;
        for (int j = 0; j < image.length; j++) {
            image[j] = (float) (image[j] - scale * drift[j] + config.stepSize() * noise[j]);
        }
        return (float) (scale * norm);
    }

    /** Runs the block that begins at input {@code first}; how many inputs it has. */
    private int forwardBlock(INDArray inputs, int first, int n) {
        int m = Math.min(graph.block(), n - first);
        for (int i = 0; i < m; i++) {
            load(inputs, first + i, graph.inputs[i]);
        }
        double[][] results = graph.forward(m);
        int size = network().output().size();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < size; j++) {
                outputs[i * size + j] = (float) results[i][j];
            }
        }
        if (mode() == Mode.TRAINING) {
            statistics.found(m);
        }
        return m;
    }

    private void backwardBlock(Loss loss, int first, int m, float scale, double[] sum) {
        loss.gradient(first, m, outputs, outputGradients);
        double[][] gradients = graph.clearGradients(m);
        int size = network().output().size();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < size; j++) {
                gradients[i][j] = outputGradients[i * size + j];
            }
        }
        graph.backward(m, scale, sum);
    }

    private double[] startSum(INDArray accumulator) {
        FloatArrays.read(accumulator, 0, flat, 0, flat.length);
        for (int i = 0; i < flat.length; i++) {
            gradientSum[i] = flat[i];
        }
        return gradientSum;
    }

    private void flushSum(INDArray accumulator) {
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) gradientSum[i];
        }
        FloatArrays.write(flat, 0, accumulator, 0, flat.length);
    }

    private void load(INDArray images, int i, double[] image) {
        FloatArrays.read(images, (long) i * pixels.length, pixels, 0, pixels.length);
        for (int j = 0; j < pixels.length; j++) {
            image[j] = pixels[j];
        }
    }

    private void store(double[] image, INDArray images, int i) {
        for (int j = 0; j < pixels.length; j++) {
            pixels[j] = (float) image[j];
        }
        FloatArrays.write(pixels, 0, images, (long) i * pixels.length, pixels.length);
    }

    @Override
    protected void checkTrainingBatch(int n) {
        statistics.checkBatch(n);
    }
}
