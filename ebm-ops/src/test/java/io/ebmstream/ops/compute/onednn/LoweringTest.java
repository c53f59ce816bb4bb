package io.ebmstream.ops.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Sngan;
import io.ebmstream.ops.energy.SnganGenerator;
import io.ebmstream.ops.energy.WideResNet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which steps the papers' networks become; that they compute the same is the contract's test. */
class LoweringTest {
    private static final ImageShape COLOUR = new ImageShape(3, 32, 32);

    @Test
    void light32IsItsConvolutionsWithActivations() {
        assertThat(steps(Light32.of(COLOUR, 4), Mode.INFERENCE))
                .containsExactly(
                        "3x3/1 3>4, act", "4x4/2 4>8, act", "4x4/2 8>16, act", "4x4/2 16>32, act");
        Graph graph = Lowering.of(Light32.of(COLOUR, 4), Mode.INFERENCE);
        assertThat(graph.head().features()).isEqualTo(new ImageShape(32, 4, 4));
        assertThat(graph.head().window()).isEqualTo(1);
    }

    /** The pools go into the convolutions; of the shortcuts, those of the image as well. */
    @Test
    void sngan32PoolsInItsConvolutions() {
        assertThat(steps(Sngan.of32(COLOUR, 8), Mode.INFERENCE))
                .containsExactly(
                        "3x3/1 3>8, act",
                        "4x4/2 8>8",
                        "2x2/2 3>8, add",
                        "act",
                        "3x3/1 8>8, act",
                        "pool 2",
                        "4x4/2 8>8",
                        "1x1/1 8>8, add",
                        "act",
                        "3x3/1 8>8, act",
                        "3x3/1 8>8, add",
                        "act",
                        "3x3/1 8>8, act",
                        "3x3/1 8>8, add, act");
        Graph graph = Lowering.of(Sngan.of32(COLOUR, 8), Mode.INFERENCE);
        assertThat(graph.head().features()).isEqualTo(new ImageShape(8, 8, 8));
        assertThat(graph.head().window()).isEqualTo(8);
    }

    @Test
    void normalisationsGoIntoConvolutionsWhereTheirStatisticsAreFixed() {
        Network generator = SnganGenerator.of32(COLOUR, 16, 8);
        assertThat(steps(generator, Mode.INFERENCE).stream().limit(8))
                .containsExactly(
                        "1x1/1 16>128",
                        "view",
                        "norm, act",
                        "up",
                        "3x3/1 8>8, norm, act",
                        "1x1/1 8>8",
                        "up",
                        "3x3/1 8>8, add");
        assertThat(steps(generator, Mode.TRAINING).stream().limit(7))
                .containsExactly(
                        "1x1/1 16>128",
                        "view",
                        "norm, act",
                        "up",
                        "3x3/1 8>8",
                        "norm, act",
                        "1x1/1 8>8");
        assertThat(steps(WideResNet.of(COLOUR, 10, 1, 10, 4), Mode.INFERENCE).stream().limit(5))
                .containsExactly(
                        "3x3/1 3>4",
                        "norm, act",
                        "3x3/1 4>4, norm, act",
                        "3x3/1 4>4, add",
                        "norm, act");
    }

    @Test
    void aResultThatOthersReadStaysAsItIs() {
        ImageShape shape = new ImageShape(8, 4, 4);
        Network network =
                new Network(
                        "forked",
                        shape,
                        List.of(
                                node("conv", new Layer.Conv2d(8, 8, 3, 1, 1), -1),
                                node("pool", new Layer.AveragePool2d(2), 0),
                                node("act", new Layer.LeakyRelu(0), 0),
                                node("unread", new Layer.Tanh(), 1),
                                node("last", new Layer.AveragePool2d(2), 2),
                                node("sum", new Layer.Add(), 1, 4)));
        assertThat(steps(network, Mode.INFERENCE))
                .containsExactly("3x3/1 8>8", "pool 2", "act", "pool 2", "add");
        assertThat(Lowering.of(network, Mode.INFERENCE).head()).isNull();
    }

    private static Network.Node node(String name, Layer layer, Integer... inputs) {
        return new Network.Node(name, layer, List.of(inputs));
    }

    private static List<String> steps(Network network, Mode mode) {
        return Lowering.of(network, mode).steps().stream()
                .map(LoweringTest::describe)
                .collect(Collectors.toList());
    }

    private static String describe(Step step) {
        StringBuilder text = new StringBuilder();
        if (step.work() instanceof Step.Convolve conv) {
            Kernel k = conv.kernel();
            text.append(k.rows() + "x" + k.columns() + "/" + k.stride());
            text.append(" " + k.in() + ">" + k.out());
            text.append(conv.weights().normalisation() == null ? "" : ", norm");
        } else if (step.work() instanceof Step.Pool pool) {
            text.append("pool " + pool.window());
        } else if (step.work() instanceof Step.Upsample) {
            text.append("up");
        } else if (step.work() instanceof Step.View) {
            text.append("view");
        } else if (step.work() instanceof Step.Normalise) {
            text.append("norm");
        }
        text.append(step.other() == Step.NONE ? "" : ", add");
        text.append(step.activation() == null ? "" : ", act");
        return text.toString().replaceAll("^, ", "");
    }
}
