package io.ebmstream.peers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.bench.Bench;
import io.ebmstream.ops.bench.Peer;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.UniformNoise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** That libtorch does the same work as the executors: otherwise ratios would mean nothing. */
class LibtorchPeerTest {
    private static final int N = 4;
    private static final Network LIGHT = Light32.of(new ImageShape(3, 16, 16), 8);

    /** One residual block with everything that an sngan energy has. */
    private static final Network RESIDUAL =
            new Network(
                    "residual",
                    new ImageShape(3, 8, 8),
                    List.of(
                            new Network.Node("a", new Layer.Conv2d(3, 8, 3, 1, 1), List.of(-1)),
                            new Network.Node("b", new Layer.LeakyRelu(0), List.of(0)),
                            new Network.Node("c", new Layer.Conv2d(8, 8, 3, 1, 1), List.of(1)),
                            new Network.Node("d", new Layer.AveragePool2d(2), List.of(2)),
                            new Network.Node("e", new Layer.AveragePool2d(2), List.of(-1)),
                            new Network.Node("f", new Layer.Conv2d(3, 8, 1, 1, 0), List.of(4)),
                            new Network.Node("g", new Layer.Add(), List.of(3, 5)),
                            new Network.Node("h", new Layer.LeakyRelu(0), List.of(6)),
                            new Network.Node("i", new Layer.AveragePool2d(4), List.of(7)),
                            new Network.Node("j", new Layer.Dense(8, 1, false), List.of(8))));

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Network network : List.of(LIGHT, RESIDUAL)) {
            for (Precision precision : Precision.values()) {
                for (String layout : new LibtorchPeer().layouts()) {
                    cases.add(Arguments.of(network, precision, layout));
                }
            }
        }
        return cases;
    }

    @Test
    void isFound() {
        assertThat(Bench.peers()).hasAtLeastOneElementOfType(LibtorchPeer.class);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheReferencesEnergiesAndGradients(
            Network network, Precision precision, String layout) {
        Peer.Task task = task(network, precision, layout);
        float[] energies = new float[N];
        try (CompiledNetwork reference =
                        new ReferenceExecutor().compile(network, N, Precision.FLOAT32);
                LibtorchLangevin langevin = new LibtorchLangevin(task);
                LibtorchUpdate update = new LibtorchUpdate(task);
                INDArray weights = array(task.weights(), task.weights().length);
                INDArray images = images(task.images(), network, 0, N);
                INDArray data = images(task.images(), network, 0, N / 2);
                INDArray chains = images(task.images(), network, N / 2, N);
                INDArray gradient = images.dup();
                INDArray sum = Nd4j.zeros(DataType.FLOAT, network.parameterCount())) {
            reference.setParameters(weights);
            reference.parameterGradient(data, 2f / N, sum, energies);
            reference.parameterGradient(chains, -2f / N, sum, energies);
            // Float32 shows that the graph is right. In bf16 energies, and what data and chains
            // differ in, are small sums of large terms of both signs, and a ReLU whose sign turns
            // by rounding changes a gradient as a whole.
            double bound = precision == Precision.FLOAT32 ? 1e-5 : 0.3;
            assertClose(update.gradient(network.parameterCount()), sum, bound);
            reference.energies(images, energies);
            assertClose(langevin.energies(), array(energies, N), bound);
            reference.inputGradient(images, gradient);
            assertClose(langevin.gradientNow(), gradient, bound);
        }
    }

    /** What the step adds beside the gradient has the variance of the noise. */
    @Test
    void movesByGradientAndNoise() {
        LangevinConfig step = LangevinConfig.of(0.01, 1e-4);
        Peer.Task task = task(LIGHT, Precision.FLOAT32, LibtorchPeer.NCHW);
        try (LibtorchLangevin langevin = new LibtorchLangevin(task)) {
            float[] gradient = langevin.gradientNow();
            langevin.run(1);
            float[] now = langevin.pixels();
            double squares = 0;
            for (int i = 0; i < now.length; i++) {
                double noise = now[i] - task.images()[i] + step.energyFactor() * gradient[i];
                squares += noise * noise / (step.stepSize() * step.stepSize());
            }
            // 3,072 normals: five standard errors of their mean square.
            assertThat(squares / now.length).isBetween(0.87, 1.13);
        }
    }

    private static Peer.Task task(Network network, Precision precision, String layout) {
        int size = network.input().size();
        float[] pixels = new float[N * size];
        for (int i = 0; i < N; i++) {
            new UniformNoise().fill(5, i, 0, pixels, i * size, size);
        }
        float[] weights = Initializer.weights(network, 7);
        LangevinConfig step = LangevinConfig.of(0.01, 1e-4);
        return new Peer.Task(network, precision, layout, 1, weights, pixels, step);
    }

    private static INDArray images(float[] pixels, Network network, int from, int to) {
        int size = network.input().size();
        INDArray images =
                Nd4j.create(
                        DataType.FLOAT,
                        to - from,
                        network.input().channels(),
                        network.input().height(),
                        network.input().width());
        FloatArrays.write(pixels, from * size, images, 0, (to - from) * size);
        return images;
    }

    private static INDArray array(float[] values, int length) {
        return Nd4j.create(values, new long[] {length}, DataType.FLOAT);
    }

    /** Distance in the L2 norm: rounding of bf16 is 1/256, and a network adds some of them up. */
    private static void assertClose(float[] found, INDArray expected, double bound) {
        float[] wanted = FloatArrays.toHeap(expected);
        assertThat(found).hasSameSizeAs(wanted);
        double off = 0;
        double all = 0;
        for (int i = 0; i < found.length; i++) {
            off += Math.pow(found[i] - wanted[i], 2);
            all += Math.pow(wanted[i], 2);
        }
        assertThat(Math.sqrt(off / all)).isLessThan(bound);
    }
}
