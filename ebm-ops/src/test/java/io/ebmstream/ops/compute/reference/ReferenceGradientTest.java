package io.ebmstream.ops.compute.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.RandomNetworks;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The oracle itself: gradients against finite differences on random networks, energies against
 * ND4J's own convolution.
 *
 * <p>Central differences of the double precision energies, with a step so small that hardly a unit
 * changes its sign within it. What is left is their rounding, about 1e-16 |U| / step, and that of
 * the gradient to float32.
 */
class ReferenceGradientTest {
    private static final double STEP = 1e-8;
    private static final double TOLERANCE = 1e-5;

    /** Images in one batch: enough for the batch statistics of single pixels. */
    private static final int IMAGES = 3;

    @Property(tries = 60)
    void energyNetworksAreTheirOwnLoss(@ForAll long seed) {
        Network network = RandomNetworks.energy(seed);
        float[] weights = TestArrays.weights(network, seed);
        float[] image = normals(seed, 1, network.input().size());
        float[] direction = normals(seed, 2, image.length);
        float[] toward = trainable(network, normals(seed, 3, weights.length));
        float[] ones = {1};
        checkSlope(
                slope(network, Mode.INFERENCE, weights, weights, 0, image, direction, ones),
                inputGradient(network, weights, image),
                direction);
        checkSlope(
                slope(network, Mode.INFERENCE, weights, toward, STEP, image, image, ones),
                parameterGradient(network, weights, image),
                toward);
    }

    @Property(tries = 150)
    void gradientsAreTheLossesSlopes(@ForAll long seed, @ForAll Mode mode) {
        Network network = RandomNetworks.of(seed);
        checkGradients(network, mode, seed);
    }

    @Example
    void gradientsOfTheLightNetworkAreItsSlopes() {
        checkGradients(Light32.of(new ImageShape(1, 16, 16), 3), Mode.INFERENCE, 1);
    }

    /** Loss = weights . outputs, in a batch of images. */
    private static void checkGradients(Network network, Mode mode, long seed) {
        float[] weights = TestArrays.weights(network, seed);
        float[] images = normals(seed, 1, IMAGES * network.input().size());
        float[] loss = normals(seed, 2, IMAGES * network.output().size());
        float[] direction = normals(seed, 3, images.length);
        float[] toward = trainable(network, normals(seed, 4, weights.length));
        float[] byInput = new float[images.length];
        float[] byParameters = new float[weights.length];
        int size = network.output().size();
        try (CompiledNetwork compiled = compile(network, weights, IMAGES, mode);
                INDArray x = TestArrays.images(network, images);
                INDArray gradient = TestArrays.blank(network, IMAGES);
                INDArray sum = TestArrays.vector(new float[weights.length])) {
            compiled.gradient(
                    x,
                    (first, n, y, gy) -> System.arraycopy(loss, first * size, gy, 0, n * size),
                    gradient,
                    1,
                    sum);
            FloatArrays.read(gradient, 0, byInput, 0, byInput.length);
            FloatArrays.read(sum, 0, byParameters, 0, byParameters.length);
        }
        checkSlope(
                slope(network, mode, weights, weights, 0, images, direction, loss),
                byInput,
                direction);
        checkSlope(
                slope(network, mode, weights, toward, STEP, images, images, loss),
                byParameters,
                toward);
        for (Network.Parameter parameter : network.parameters()) {
            for (int i = 0; !parameter.kind().trainable() && i < parameter.size(); i++) {
                assertThat(byParameters[parameter.offset() + i]).isZero();
            }
        }
    }

    @Example
    void energyIsThatOfNd4jsConvolutions() {
        Network network = Light32.of(new ImageShape(3, 28, 28), 4);
        float[] weights = TestArrays.weights(network, 5);
        float[] image = normals(5, 1, network.input().size());
        INDArray x = TestArrays.images(network, image);
        for (int i = 0; i < network.nodes().size(); i++) {
            if (network.nodes().get(i).layer() instanceof Layer.Conv2d conv) {
                x = nd4jConvolution(network, network.nodes().get(i).name(), conv, weights, x);
            } else {
                x = Nd4j.math().max(x, x.mul(Light32.LEAK));
            }
        }
        assertThat(energy(network, weights, image) / x.getDouble(0) - 1).isBetween(-1e-5, 1e-5);
    }

    private static INDArray nd4jConvolution(
            Network network, String node, Layer.Conv2d conv, float[] weights, INDArray x) {
        INDArray flat = TestArrays.vector(weights);
        INDArray kernel = null;
        INDArray bias = null;
        for (Network.Parameter p : network.parameters()) {
            INDArray values = flat.get(NDArrayIndex.interval(p.offset(), p.offset() + p.size()));
            if (p.name().equals(node + ".weight")) {
                long[] shape = p.shape().stream().mapToLong(Integer::longValue).toArray();
                kernel = values.dup().reshape('c', shape).permute(2, 3, 1, 0).dup('c');
            } else if (p.name().equals(node + ".bias")) {
                bias = values.dup();
            }
        }
        int k = conv.kernel();
        int s = conv.stride();
        int p = conv.padding();
        DynamicCustomOp op =
                DynamicCustomOp.builder("conv2d")
                        .addInputs(x, kernel, bias)
                        .addIntegerArguments(k, k, s, s, p, p, 1, 1, 0, 0, 0)
                        .build();
        return Nd4j.exec(op)[0];
    }

    private static float energy(Network network, float[] weights, float[] image) {
        float[] energies = new float[1];
        try (CompiledNetwork compiled = compile(network, weights, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, image)) {
            compiled.energies(x, energies);
        }
        return energies[0];
    }

    private static float[] inputGradient(Network network, float[] weights, float[] image) {
        try (CompiledNetwork compiled = compile(network, weights, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, image);
                INDArray gradient = TestArrays.blank(network, 1)) {
            compiled.inputGradient(x, gradient);
            return TestArrays.values(gradient);
        }
    }

    private static float[] parameterGradient(Network network, float[] weights, float[] image) {
        try (CompiledNetwork compiled = compile(network, weights, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, image);
                INDArray sum = TestArrays.vector(new float[weights.length])) {
            compiled.parameterGradient(x, 1, sum, new float[1]);
            return TestArrays.values(sum);
        }
    }

    private static CompiledNetwork compile(Network network, float[] weights, int batch, Mode mode) {
        CompiledNetwork compiled =
                new ReferenceExecutor().compile(network, batch, Precision.FLOAT32, mode);
        try (INDArray vector = TestArrays.vector(weights)) {
            compiled.setParameters(vector);
        }
        return compiled;
    }

    /**
     * Central difference of loss . outputs: along {@code toward} in the weights if {@code step} is
     * not 0, else along {@code direction} in the images.
     */
    private static double slope(
            Network network,
            Mode mode,
            float[] weights,
            float[] toward,
            double step,
            float[] images,
            float[] direction,
            float[] loss) {
        double imageStep = step == 0 ? STEP : 0;
        double up =
                loss(
                        network,
                        mode,
                        moved(weights, toward, step),
                        moved(images, direction, imageStep),
                        loss);
        double down =
                loss(
                        network,
                        mode,
                        moved(weights, toward, -step),
                        moved(images, direction, -imageStep),
                        loss);
        return (up - down) / (2 * STEP);
    }

    private static double loss(
            Network network, Mode mode, double[] weights, double[] images, float[] loss) {
        int size = network.input().size();
        int n = images.length / size;
        double[][] batch = new double[n][];
        for (int i = 0; i < n; i++) {
            batch[i] = Arrays.copyOfRange(images, i * size, (i + 1) * size);
        }
        double sum = 0;
        ReferenceNetwork exact = new ReferenceNetwork(network, n, mode);
        if (mode == Mode.TRAINING) {
            return dot(exact.exact(weights, batch), loss, 0);
        }
        for (int i = 0; i < n; i++) {
            double[][] one = exact.exact(weights, new double[][] {batch[i]});
            sum += dot(one, loss, i * network.output().size());
        }
        return sum;
    }

    private static double dot(double[][] outputs, float[] loss, int offset) {
        double sum = 0;
        int at = offset;
        for (double[] output : outputs) {
            for (double y : output) {
                sum += y * loss[at++];
            }
        }
        return sum;
    }

    private static void checkSlope(double slope, float[] gradient, float[] direction) {
        double allowed =
                TOLERANCE * (0.1 + Math.sqrt(dot(gradient, gradient) * dot(direction, direction)));
        assertThat(slope - dot(gradient, direction)).isBetween(-allowed, allowed);
    }

    /** Zeroes what no optimizer moves. */
    private static float[] trainable(Network network, float[] direction) {
        for (Network.Parameter parameter : network.parameters()) {
            if (!parameter.kind().trainable()) {
                int from = parameter.offset();
                Arrays.fill(direction, from, from + parameter.size(), 0);
            }
        }
        return direction;
    }

    private static float[] normals(long seed, long chain, int length) {
        float[] normals = new float[length];
        new GaussianNoise().fill(seed, chain, 0, normals, 0, length);
        return normals;
    }

    private static double[] moved(float[] from, float[] direction, double step) {
        double[] moved = new double[from.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = from[i] + step * direction[i];
        }
        return moved;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
