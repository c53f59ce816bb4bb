package io.ebmstream.ops.compute.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.nd4j.linalg.api.buffer.DataType;
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

    @Provide
    Arbitrary<Network> networks() {
        Arbitrary<Layer.Conv2d> first =
                Combinators.combine(
                                Arbitraries.integers().between(1, 3),
                                Arbitraries.integers().between(1, 4),
                                Arbitraries.integers().between(1, 4),
                                Arbitraries.integers().between(1, 3),
                                Arbitraries.integers().between(0, 3))
                        .as(
                                (in, out, kernel, stride, padding) ->
                                        new Layer.Conv2d(
                                                in,
                                                out,
                                                kernel,
                                                stride,
                                                Math.min(padding, kernel - 1)));
        Arbitrary<Integer> pixels = Arbitraries.integers().between(4, 9);
        Arbitrary<Double> slope = Arbitraries.of(0.0, 0.05, 0.5);
        return Combinators.combine(first, pixels, slope).as(ReferenceGradientTest::network);
    }

    /** conv, leaky ReLU, conv3x3, leaky ReLU, valid conv of the rest. */
    private static Network network(Layer.Conv2d first, int pixels, double slope) {
        ImageShape input = new ImageShape(first.in(), pixels, pixels);
        ImageShape hidden = first.output(List.of(input));
        List<Network.Node> nodes = new ArrayList<>();
        nodes.add(new Network.Node("conv0", first, List.of(-1)));
        nodes.add(new Network.Node("act0", new Layer.LeakyRelu(slope), List.of(0)));
        nodes.add(
                new Network.Node(
                        "conv1", new Layer.Conv2d(hidden.channels(), 3, 3, 1, 1), List.of(1)));
        nodes.add(new Network.Node("act1", new Layer.LeakyRelu(0.1), List.of(2)));
        nodes.add(
                new Network.Node(
                        "head", new Layer.Conv2d(3, 1, hidden.height(), 1, 0), List.of(3)));
        return new Network("random", input, nodes);
    }

    @Property(tries = 60)
    void inputGradientIsTheEnergysSlope(@ForAll("networks") Network network, @ForAll long seed) {
        float[] weights = TestArrays.weights(network, seed);
        float[] image = normals(seed, 1, network.input().size());
        float[] direction = normals(seed, 2, image.length);
        float[] gradient = inputGradient(network, weights, image);
        ReferenceNetwork exact = new ReferenceNetwork(network, 1);
        double slope =
                (exact.energy(moved(weights, weights, 0), moved(image, direction, STEP))
                                - exact.energy(
                                        moved(weights, weights, 0), moved(image, direction, -STEP)))
                        / (2 * STEP);
        assertThat(slope - dot(gradient, direction))
                .isBetween(-allowed(gradient, direction), allowed(gradient, direction));
    }

    @Property(tries = 60)
    void parameterGradientIsTheEnergysSlope(
            @ForAll("networks") Network network, @ForAll long seed) {
        float[] weights = TestArrays.weights(network, seed);
        float[] image = normals(seed, 1, network.input().size());
        float[] direction = normals(seed, 2, weights.length);
        float[] gradient = parameterGradient(network, weights, image);
        ReferenceNetwork exact = new ReferenceNetwork(network, 1);
        double slope =
                (exact.energy(moved(weights, direction, STEP), moved(image, image, 0))
                                - exact.energy(
                                        moved(weights, direction, -STEP), moved(image, image, 0)))
                        / (2 * STEP);
        assertThat(slope - dot(gradient, direction))
                .isBetween(-allowed(gradient, direction), allowed(gradient, direction));
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
        try (CompiledNetwork compiled = compile(network, weights);
                INDArray x = TestArrays.images(network, image)) {
            compiled.energies(x, energies);
        }
        return energies[0];
    }

    private static float[] inputGradient(Network network, float[] weights, float[] image) {
        try (CompiledNetwork compiled = compile(network, weights);
                INDArray x = TestArrays.images(network, image);
                INDArray gradient = TestArrays.blank(network, 1)) {
            compiled.inputGradient(x, gradient);
            return TestArrays.values(gradient);
        }
    }

    private static float[] parameterGradient(Network network, float[] weights, float[] image) {
        try (CompiledNetwork compiled = compile(network, weights);
                INDArray x = TestArrays.images(network, image);
                INDArray sum = Nd4j.zeros(DataType.FLOAT, (long) weights.length)) {
            compiled.parameterGradient(x, 1, sum, new float[1]);
            return TestArrays.values(sum);
        }
    }

    private static CompiledNetwork compile(Network network, float[] weights) {
        CompiledNetwork compiled = new ReferenceExecutor().compile(network, 1, Precision.FLOAT32);
        try (INDArray vector = TestArrays.vector(weights)) {
            compiled.setParameters(vector);
        }
        return compiled;
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

    private static double allowed(float[] gradient, float[] direction) {
        return TOLERANCE * (0.1 + Math.sqrt(dot(gradient, gradient) * dot(direction, direction)));
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
