package io.ebmstream.ops.compute.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every layer against values worked out by hand, as the definitions in {@link Layer} say. */
class ReferenceLayersTest {
    private static final float ROUNDING = 1e-6f;

    @Test
    void denseReadsChannelsThenRowsThenColumns() {
        ImageShape input = new ImageShape(2, 1, 2);
        float[] y =
                run(
                        input,
                        new Layer.Dense(4, 2, true),
                        new float[] {1, 10, 100, 1000, 0, 0, 0, 2, 0.5f, -1},
                        1,
                        2,
                        3,
                        4);
        assertThat(y).containsExactly(4321.5f, 7);
        assertThat(run(input, new Layer.Dense(4, 1, false), new float[] {1, 2, 3, 4}, 1, 1, 1, 1))
                .containsExactly(10);
    }

    @Test
    void convolutionWithoutBias() {
        float[] y =
                run(
                        new ImageShape(1, 2, 2),
                        new Layer.Conv2d(1, 1, 3, 1, 1, false),
                        new float[] {0, 0, 0, 0, 1, 10, 0, 100, 1000},
                        1,
                        2,
                        3,
                        4);
        assertThat(y).containsExactly(4321, 402, 43, 4);
    }

    @Test
    void activations() {
        ImageShape input = new ImageShape(1, 1, 3);
        assertThat(run(input, new Layer.LeakyRelu(0.25), new float[0], -4, 0, 3))
                .containsExactly(-1, 0, 3);
        assertThat(run(input, new Layer.LeakyRelu(0), new float[0], -4, 0, 3))
                .containsExactly(-0f, 0, 3);
        // tanh 1 = 0.7615942, tanh 0.5 = 0.4621172
        assertThat(run(input, new Layer.Tanh(), new float[0], -1, 0, 0.5f))
                .containsExactly(new float[] {-0.7615942f, 0, 0.4621172f}, within(ROUNDING));
    }

    @Test
    void slopeOfTheLeakyReluAtZeroIsTheNegativeOne() {
        Network network = single(new ImageShape(1, 1, 3), new Layer.LeakyRelu(0.25));
        try (CompiledNetwork compiled = compile(network, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, -4, 0, 3);
                INDArray gradient = TestArrays.blank(network, 1)) {
            compiled.gradient(x, (first, n, y, gy) -> gy[0] = gy[1] = gy[2] = 8, gradient, 0, null);
            assertThat(TestArrays.values(gradient)).containsExactly(2, 2, 8);
        }
    }

    @Test
    void averagePoolOfWindowsAndOfTheWholeImage() {
        float[] pixels = {1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, 0, 0, 0, 8};
        assertThat(run(new ImageShape(1, 4, 4), new Layer.AveragePool2d(2), new float[0], pixels))
                .containsExactly(3.5f, 5.5f, -0.75f, 0.25f);
        assertThat(run(new ImageShape(4, 2, 2), new Layer.AveragePool2d(2), new float[0], pixels))
                .containsExactly(2.5f, 6.5f, -2.5f, 2);
    }

    @Test
    void upsamplingInterpolatesBetweenPixelCentresAndClampsAtBorders() {
        // Rows: 0.75 of the nearest, 0.25 of the next; PyTorch's values for [[1, 2], [3, 4]].
        assertThat(
                        run(
                                new ImageShape(1, 2, 2),
                                new Layer.UpsampleBilinear(),
                                new float[0],
                                1,
                                2,
                                3,
                                4))
                .containsExactly(
                        1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3,
                        3.25f, 3.75f, 4);
        assertThat(
                        run(
                                new ImageShape(2, 1, 3),
                                new Layer.UpsampleBilinear(),
                                new float[0],
                                4,
                                8,
                                0,
                                1,
                                1,
                                1))
                .containsExactly(
                        4, 5, 7, 6, 2, 0, 4, 5, 7, 6, 2, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    }

    @Test
    void upsamplingsGradientGathersTheSameWeights() {
        Network network = single(new ImageShape(1, 1, 2), new Layer.UpsampleBilinear());
        try (CompiledNetwork compiled = compile(network, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, 0f, 0f);
                INDArray gradient = TestArrays.blank(network, 1)) {
            // One row becomes two equal ones: column weights 1, 3/4, 1/4, 0 for the left pixel.
            compiled.gradient(
                    x,
                    (first, n, y, gy) -> {
                        float[] values = {1, 10, 100, 1000, 0, 0, 0, 4};
                        System.arraycopy(values, 0, gy, 0, values.length);
                    },
                    gradient,
                    0,
                    null);
            assertThat(TestArrays.values(gradient))
                    .containsExactly(1 + 7.5f + 25, 2.5f + 75 + 1000 + 4);
        }
    }

    @Test
    void aResultReadTwiceGetsBothGradients() {
        Network network =
                new Network(
                        "doubled",
                        new ImageShape(1, 1, 2),
                        List.of(
                                new Network.Node("act", new Layer.LeakyRelu(0.5), List.of(-1)),
                                new Network.Node("twice", new Layer.Add(), List.of(0, 0)),
                                new Network.Node("more", new Layer.Add(), List.of(1, -1))));
        try (CompiledNetwork compiled = compile(network, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, 3f, -4f);
                INDArray y = TestArrays.blank(network, 1);
                INDArray gradient = TestArrays.blank(network, 1)) {
            compiled.forward(x, y);
            assertThat(TestArrays.values(y)).containsExactly(9, -8);
            compiled.gradient(
                    x,
                    (first, n, outputs, gy) -> {
                        gy[0] = outputs[0];
                        gy[1] = outputs[1];
                    },
                    gradient,
                    0,
                    null);
            assertThat(TestArrays.values(gradient)).containsExactly(27, -16);
        }
    }

    @Test
    void batchNormInInferenceUsesTheRunningStatistics() {
        Layer.BatchNorm layer = new Layer.BatchNorm(2, 0.25, 0.1);
        // scale, shift, mean, variance of two channels
        float[] parameters = {2, 3, 10, 20, 1, -1, 0.75f, 3.75f};
        assertThat(run(new ImageShape(2, 1, 2), layer, parameters, 1, 2, -1, 3))
                .containsExactly(10, 12, 20, 26);
    }

    /** One channel with the values 1, 2, 3, 6: mean 3, biased variance 3.5, unbiased 14 / 3. */
    @Test
    void batchNormInTrainingUsesTheBatchsStatisticsAndMovesTheRunningOnes() {
        Network network = single(new ImageShape(1, 1, 2), new Layer.BatchNorm(1, 0.5, 0.25));
        float[] parameters = {2, 1, 8, 4};
        try (CompiledNetwork compiled = compile(network, 5, Mode.TRAINING);
                INDArray vector = TestArrays.vector(parameters);
                INDArray x = TestArrays.images(network, 1, 2, 3, 6);
                INDArray y = TestArrays.blank(network, 2)) {
            compiled.setParameters(vector);
            assertThatIllegalStateException()
                    .isThrownBy(() -> compiled.updateRunningStatistics(vector))
                    .withMessageContaining("before the running statistics");
            compiled.forward(x, y);
            assertThat(TestArrays.values(y)).containsExactly(-1, 0, 1, 4);
            assertThat(TestArrays.values(vector)).containsExactly(parameters);
            compiled.updateRunningStatistics(vector);
            float[] moved = {2, 1, 6 + 0.75f, 3 + 14 / 12f};
            assertThat(TestArrays.values(vector)).containsExactly(moved, within(ROUNDING));
        }
    }

    @Test
    void aNormalisationThatNobodyReadsKeepsItsRunningStatistics() {
        Network network =
                new Network(
                        "unread",
                        new ImageShape(1, 1, 2),
                        List.of(
                                new Network.Node("unread", Layer.BatchNorm.of(1), List.of(-1)),
                                new Network.Node("read", Layer.BatchNorm.of(1), List.of(-1)),
                                new Network.Node("last", new Layer.Tanh(), List.of(1))));
        try (CompiledNetwork compiled = compile(network, 2, Mode.TRAINING);
                INDArray vector = TestArrays.vector(1, 0, 3, 4, 1, 0, 3, 4);
                INDArray x = TestArrays.images(network, 1f, 5f, 2f, 0f);
                INDArray y = TestArrays.blank(network, 2)) {
            compiled.setParameters(vector);
            compiled.forward(x, y);
            compiled.updateRunningStatistics(vector);
            // Mean 2, unbiased variance 14 / 3.
            float[] moved = {1, 0, 3, 4, 1, 0, 2.9f, 3.6f + 1.4f / 3};
            assertThat(TestArrays.values(vector)).containsExactly(moved, within(ROUNDING));
        }
    }

    @Test
    void batchNormNeedsABatchInTrainingOnly() {
        Network network = single(new ImageShape(1, 1, 1), new Layer.BatchNorm(1, 0.5, 0.25));
        try (CompiledNetwork training = compile(network, 2, Mode.TRAINING);
                CompiledNetwork inference = compile(network, 2, Mode.INFERENCE);
                INDArray vector = TestArrays.vector(1, 0, 0, 0.5f);
                INDArray x = TestArrays.images(network, 3f);
                INDArray y = TestArrays.blank(network, 1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> training.forward(x, y))
                    .withMessageContaining("at least 2 inputs")
                    .withMessageContaining("found 1");
            inference.setParameters(vector);
            inference.forward(x, y);
            assertThat(TestArrays.values(y)).containsExactly(3);
            assertThatIllegalStateException()
                    .isThrownBy(() -> inference.updateRunningStatistics(vector))
                    .withMessageContaining("compiled for training");
        }
    }

    @Test
    void reshapeChangesHowTheNextLayerReads() {
        Network network =
                new Network(
                        "reshaped",
                        new ImageShape(4, 1, 1),
                        List.of(
                                new Network.Node(
                                        "square",
                                        new Layer.Reshape(new ImageShape(1, 2, 2)),
                                        List.of(-1)),
                                new Network.Node(
                                        "conv",
                                        new Layer.Conv2d(1, 1, 2, 1, 0, false),
                                        List.of(0))));
        assertThat(run(network, new float[] {1, 10, 100, 1000}, 1, 2, 3, 4)).containsExactly(4321);
    }

    private static float[] run(ImageShape input, Layer layer, float[] parameters, float... pixels) {
        return run(single(input, layer), parameters, pixels);
    }

    private static float[] run(Network network, float[] parameters, float... pixels) {
        ImageShape output = network.output();
        try (CompiledNetwork compiled = compile(network, 1, Mode.INFERENCE);
                INDArray x = TestArrays.images(network, pixels);
                INDArray y = TestArrays.vector(new float[output.size()]);
                INDArray shaped =
                        y.reshape(1, output.channels(), output.height(), output.width())) {
            if (parameters.length > 0) {
                try (INDArray vector = TestArrays.vector(parameters)) {
                    compiled.setParameters(vector);
                }
            }
            compiled.forward(x, shaped);
            return TestArrays.values(shaped);
        }
    }

    private static Network single(ImageShape input, Layer layer) {
        return new Network("single", input, List.of(new Network.Node("layer", layer, List.of(-1))));
    }

    private static CompiledNetwork compile(Network network, int batch, Mode mode) {
        return new ReferenceExecutor().compile(network, batch, Precision.FLOAT32, mode);
    }
}
