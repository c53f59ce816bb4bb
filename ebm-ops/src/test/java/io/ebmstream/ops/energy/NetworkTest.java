package io.ebmstream.ops.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkTest {
    private static final ImageShape CIFAR = new ImageShape(3, 32, 32);

    /** As light32 was written when every convolution had a bias. */
    private static final String WITHOUT_BIAS =
            """
            {"name":"light32","input":{"channels":1,"height":16,"width":16},"nodes":[
            {"name":"conv0","layer":{"type":"conv2d","in":1,"out":2,"kernel":3,"stride":1,"padding":1},"inputs":[-1]},
            {"name":"act0","layer":{"type":"leaky_relu","slope":0.05},"inputs":[0]},
            {"name":"conv1","layer":{"type":"conv2d","in":2,"out":4,"kernel":4,"stride":2,"padding":1},"inputs":[1]},
            {"name":"act1","layer":{"type":"leaky_relu","slope":0.05},"inputs":[2]},
            {"name":"conv2","layer":{"type":"conv2d","in":4,"out":8,"kernel":4,"stride":2,"padding":1},"inputs":[3]},
            {"name":"act2","layer":{"type":"leaky_relu","slope":0.05},"inputs":[4]},
            {"name":"head","layer":{"type":"conv2d","in":8,"out":1,"kernel":4,"stride":1,"padding":0},"inputs":[5]}]}
            """;

    static List<Network> networks() {
        return List.of(
                Light32.of(CIFAR, 32),
                Sngan.of32(CIFAR, 256),
                SnganGenerator.of32(CIFAR, 128, 256),
                Autoencoder.encoder(CIFAR, 64),
                Autoencoder.decoder(CIFAR, 64),
                WideResNet.of(CIFAR, 16, 2, 10, 16));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void jsonRoundTrip(Network network) {
        Network read = Network.fromJson(network.toJson());
        assertThat(read).isEqualTo(network);
        assertThat(read.toJson()).isEqualTo(network.toJson());
        assertThat(read.parameters()).isEqualTo(network.parameters());
    }

    @Test
    void jsonWithoutBiasIsWithBias() {
        Network old = Network.fromJson(WITHOUT_BIAS);
        assertThat(old).isEqualTo(Light32.of(new ImageShape(1, 16, 16), 2));
        assertThat(old.toJson()).contains("\"bias\":true");
    }

    @Test
    void brokenJsonIsRefused() {
        for (String json :
                List.of(
                        "no json",
                        "{}",
                        WITHOUT_BIAS.replace("conv2d", "conv3d"),
                        WITHOUT_BIAS.replace("\"kernel\":3", "\"kernel\":0"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> Network.fromJson(json));
        }
    }

    @Test
    void parametersLieOneAfterAnother() {
        for (Network network : networks()) {
            int next = 0;
            for (Network.Parameter parameter : network.parameters()) {
                assertThat(parameter.offset()).as(parameter.name()).isEqualTo(next);
                next += parameter.size();
            }
            assertThat(network.parameterCount()).isEqualTo(next);
        }
    }

    @Test
    void aNormHasScaleShiftAndRunningStatistics() {
        Network network =
                new Network(
                        "norm",
                        new ImageShape(3, 4, 5),
                        List.of(new Network.Node("bn", Layer.BatchNorm.of(3), List.of(-1))));
        assertThat(network.parameters())
                .extracting(Network.Parameter::name)
                .containsExactly("bn.scale", "bn.shift", "bn.running_mean", "bn.running_variance");
        assertThat(network.parameters())
                .extracting(parameter -> parameter.kind().trainable())
                .containsExactly(true, true, false, false);
        assertThat(Initializer.weights(network, 1))
                .containsExactly(1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    conv     | expected an input of 3 channels and at least 5 rows
                    thick    | expected an input of 9 channels
                    dense    | expected an input of 11 values
                    add      | expected two inputs of the same shape
                    pool     | expected rows and columns in multiples of 4
                    norm     | expected 7 channels
                    reshape  | expected 8 values
                    two      | expected one input
                    forward  | expected input indices from -1 to -1
                    """)
    void shapeErrorsNameNetworkNodeAndWhatWasExpected(String node, String message) {
        ImageShape image = new ImageShape(3, 4, 6);
        List<Integer> inputs = List.of(-1);
        Layer layer =
                switch (node) {
                    case "conv" -> new Layer.Conv2d(3, 1, 5, 1, 0);
                    case "thick" -> new Layer.Conv2d(9, 1, 1, 1, 0);
                    case "dense" -> new Layer.Dense(11, 2, true);
                    case "add" -> new Layer.Add();
                    case "pool" -> new Layer.AveragePool2d(4);
                    case "norm" -> Layer.BatchNorm.of(7);
                    case "reshape" -> new Layer.Reshape(new ImageShape(2, 2, 2));
                    default -> new Layer.Tanh();
                };
        if (node.equals("two")) {
            inputs = List.of(-1, -1);
        } else if (node.equals("forward")) {
            inputs = List.of(0);
        }
        List<Network.Node> nodes = List.of(new Network.Node(node, layer, inputs));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Network("wrong", image, nodes))
                .withMessageStartingWith("network wrong")
                .withMessageContaining("node " + node)
                .withMessageContaining(message)
                .withMessageContaining("found ");
    }

    @Test
    void nodesNeedNamesOfTheirOwnAndThereIsOne() {
        Network.Node node = new Network.Node("same", new Layer.Tanh(), List.of(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Network("twice", CIFAR, List.of(node, node)))
                .withMessageContaining("one node named same");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Network("empty", CIFAR, List.of()))
                .withMessageContaining("at least one node");
    }

    /** The papers' costs: about 104 MFLOP and 4.32 GFLOP per image and Langevin step. */
    @Test
    void flopsOfALangevinStep() {
        assertThat(Light32.of(CIFAR, 32).langevinStepFlops()).isEqualTo(104_218_624);
        assertThat(Sngan.of32(CIFAR, 256).langevinStepFlops())
                .isBetween(4_315_000_000L, 4_330_000_000L);
    }
}
