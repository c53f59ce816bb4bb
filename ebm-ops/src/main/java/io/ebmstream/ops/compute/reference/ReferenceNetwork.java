package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as loops over its nodes, one image after another. Values and gradients of every node
 * are double; pixels are rounded to float32 after every Langevin step, so that a run may be cut
 * anywhere. Not thread-safe.
 */
final class ReferenceNetwork implements CompiledNetwork {
    private final Network network;
    private final int batch;
    private final double[] parameters;
    private final double[] gradientSum;
    private final double[] image;
    private final double[] imageGradient;
    private final double[][] values;
    private final double[][] gradients;
    private final Convolution[] convolutions;
    private final double[] slopes;
    private final float[] pixels;
    private final float[] noise;
    private final float[] flat;
    private final GaussianNoise gaussian = new GaussianNoise();
    private boolean closed;

    ReferenceNetwork(Network network, int batch) {
        this.network = network;
        this.batch = batch;
        int nodes = network.nodes().size();
        int size = network.input().size();
        parameters = new double[network.parameterCount()];
        gradientSum = new double[parameters.length];
        flat = new float[parameters.length];
        image = new double[size];
        imageGradient = new double[size];
        pixels = new float[size];
        noise = new float[size];
        values = new double[nodes][];
        gradients = new double[nodes][];
        convolutions = new Convolution[nodes];
        slopes = new double[nodes];
        Map<String, Integer> offsets = new HashMap<>();
        network.parameters().forEach(p -> offsets.put(p.name(), p.offset()));
        for (int i = 0; i < nodes; i++) {
            values[i] = new double[network.shapes().get(i).size()];
            gradients[i] = new double[values[i].length];
            Network.Node node = network.nodes().get(i);
            if (node.layer() instanceof Layer.Conv2d conv) {
                convolutions[i] =
                        new Convolution(
                                conv,
                                network.inputShapes(i).get(0),
                                offsets.get(node.name() + ".weight"),
                                offsets.get(node.name() + ".bias"));
            } else if (node.layer() instanceof Layer.LeakyRelu leaky) {
                slopes[i] = leaky.slope();
            } else {
                throw new UnsupportedOperationException(
                        "expected conv2d and leaky_relu layers for executor reference, found "
                                + node.layer()
                                + " in node "
                                + node.name());
            }
        }
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public Precision precision() {
        return Precision.FLOAT32;
    }

    @Override
    public Mode mode() {
        return Mode.INFERENCE;
    }

    @Override
    public void forward(INDArray inputs, INDArray outputs) {
        throw new UnsupportedOperationException("forward of " + network);
    }

    @Override
    public void gradient(
            INDArray inputs, Loss loss, INDArray inputGradient, float scale, INDArray accumulator) {
        throw new UnsupportedOperationException("gradient of " + network);
    }

    @Override
    public void updateRunningStatistics(INDArray vector) {
        throw new IllegalStateException(
                "expected a network compiled for training, found " + network);
    }

    @Override
    public void setParameters(INDArray vector) {
        checkOpen();
        FloatArrays.checkParameters("parameters", vector, network);
        FloatArrays.read(vector, 0, flat, 0, flat.length);
        for (int i = 0; i < flat.length; i++) {
            parameters[i] = flat[i];
        }
    }

    @Override
    public void energies(INDArray images, float[] energies) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkLength("energies", energies.length, n);
        for (int i = 0; i < n; i++) {
            load(images, i);
            energies[i] = (float) forward();
        }
    }

    /** U(x) of one image in double precision, with weights that are taken over. */
    double energy(double[] weights, double[] x) {
        System.arraycopy(weights, 0, parameters, 0, parameters.length);
        System.arraycopy(x, 0, image, 0, image.length);
        return forward();
    }

    @Override
    public void inputGradient(INDArray images, INDArray gradient) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkSameImages("gradient", gradient, network, n);
        for (int i = 0; i < n; i++) {
            load(images, i);
            forward();
            backward(0);
            for (int j = 0; j < pixels.length; j++) {
                pixels[j] = (float) imageGradient[j];
            }
            store(gradient, i);
        }
    }

    @Override
    public void parameterGradient(
            INDArray images, float scale, INDArray accumulator, float[] energies) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkParameters("accumulator", accumulator, network);
        FloatArrays.checkLength("energies", energies.length, n);
        Arrays.fill(gradientSum, 0);
        for (int i = 0; i < n; i++) {
            load(images, i);
            energies[i] = (float) forward();
            backward(scale);
        }
        FloatArrays.read(accumulator, 0, flat, 0, flat.length);
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) (flat[i] + gradientSum[i]);
        }
        FloatArrays.write(flat, 0, accumulator, 0, flat.length);
    }

    @Override
    public void langevin(
            INDArray images,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkLangevin(n, chains, firstSteps, steps, displacement);
        for (int i = 0; i < n; i++) {
            load(images, i);
            for (int k = 0; k < steps; k++) {
                forward();
                backward(0);
                gaussian.fill(seed, chains[i], firstSteps[i] + k, noise, 0, noise.length);
                displacement[i] = step(config);
            }
            store(images, i);
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    /** Moves {@link #image} by its gradient and the noise; the norm of the drift. */
    private float step(LangevinConfig config) {
        double squares = 0;
        for (int j = 0; j < image.length; j++) {
            imageGradient[j] = config.energyFactor() * imageGradient[j] + config.decay() * image[j];
            squares += imageGradient[j] * imageGradient[j];
        }
        double norm = Math.sqrt(squares);
        boolean clipped = config.maxLangevinNorm() > 0 && norm > config.maxLangevinNorm();
        double scale = clipped ? config.maxLangevinNorm() / norm : 1;
        for (int j = 0; j < image.length; j++) {
            double moved = image[j] - scale * imageGradient[j] + config.stepSize() * noise[j];
            pixels[j] = (float) moved;
            image[j] = pixels[j];
        }
        return (float) (scale * norm);
    }

    private double forward() {
        for (int i = 0; i < values.length; i++) {
            double[] x = input(i);
            if (convolutions[i] != null) {
                convolutions[i].forward(parameters, x, values[i]);
            } else {
                double slope = slopes[i];
                for (int j = 0; j < x.length; j++) {
                    values[i][j] = x[j] > 0 ? x[j] : slope * x[j];
                }
            }
        }
        return values[values.length - 1][0];
    }

    /**
     * Gradient of the last {@link #forward()} by the image, and, unless {@code scale} is 0, scale
     * times its gradient by the parameters added to {@link #gradientSum}.
     */
    private void backward(double scale) {
        Arrays.fill(imageGradient, 0);
        for (double[] gradient : gradients) {
            Arrays.fill(gradient, 0);
        }
        gradients[gradients.length - 1][0] = 1;
        for (int i = values.length - 1; i >= 0; i--) {
            double[] x = input(i);
            double[] gy = gradients[i];
            int from = network.nodes().get(i).inputs().get(0);
            double[] gx = from == Network.IMAGE ? imageGradient : gradients[from];
            if (convolutions[i] != null) {
                convolutions[i].inputGradient(parameters, gy, gx);
                if (scale != 0) {
                    convolutions[i].parameterGradient(x, gy, scale, gradientSum);
                }
            } else {
                double slope = slopes[i];
                for (int j = 0; j < gy.length; j++) {
                    gx[j] += x[j] > 0 ? gy[j] : slope * gy[j];
                }
            }
        }
    }

    private double[] input(int node) {
        int from = network.nodes().get(node).inputs().get(0);
        return from == Network.IMAGE ? image : values[from];
    }

    private void load(INDArray images, int i) {
        FloatArrays.read(images, (long) i * pixels.length, pixels, 0, pixels.length);
        for (int j = 0; j < pixels.length; j++) {
            image[j] = pixels[j];
        }
    }

    private void store(INDArray images, int i) {
        FloatArrays.write(pixels, 0, images, (long) i * pixels.length, pixels.length);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the compiled network " + network + " is closed");
        }
    }
}
