package io.ebmstream.ops.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.ShapesDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OnnxClassifierTest {
    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final int CLASSES = 4;
    private static final int HIDDEN = 5;
    private static final int IMAGES = 7;

    /** conv3x3, ReLU, global average pool, linear; as {@link #model} in ONNX. */
    private static final Network NETWORK =
            new Network(
                    "small",
                    SHAPE,
                    List.of(
                            new Network.Node(
                                    "conv",
                                    new Layer.Conv2d(3, HIDDEN, 3, 1, 1, true),
                                    List.of(Network.IMAGE)),
                            new Network.Node("relu", new Layer.LeakyRelu(0), List.of(0)),
                            new Network.Node("pool", new Layer.AveragePool2d(8), List.of(1)),
                            new Network.Node(
                                    "linear", new Layer.Dense(HIDDEN, CLASSES, true), List.of(2))));

    @TempDir Path folder;

    private static float[] weights() {
        float[] weights = Initializer.weights(NETWORK, 3);
        for (int i = 0; i < weights.length; i++) {
            // biases too
            weights[i] += 0.01f * (i % 7);
        }
        return weights;
    }

    private static float[] parameter(String node, int which) {
        Network.Parameter p =
                NETWORK.parameters().stream()
                        .filter(candidate -> candidate.name().startsWith(node))
                        .toList()
                        .get(which);
        return Arrays.copyOfRange(weights(), p.offset(), p.offset() + p.size());
    }

    private Path file(byte[] model) throws IOException {
        return Files.write(folder.resolve("model.onnx"), model);
    }

    private static OnnxFile model(long batch, boolean last) {
        long[] shape = last ? new long[] {batch, 8, 8, 3} : new long[] {batch, 3, 8, 8};
        OnnxFile model = new OnnxFile(13, "image", shape, "logits", new long[] {batch, CLASSES});
        String image = "image";
        if (last) {
            model.node("Transpose", "image", "planes", "perm", new long[] {0, 3, 1, 2});
            image = "planes";
        }
        return model.constant("w", parameter("conv", 0), HIDDEN, 3, 3, 3)
                .constant("b", parameter("conv", 1), HIDDEN)
                .constant("v", parameter("linear", 0), CLASSES, HIDDEN)
                .constant("c", parameter("linear", 1), CLASSES)
                .node(
                        "Conv",
                        image + ",w,b",
                        "conv",
                        "pads",
                        new long[] {1, 1, 1, 1},
                        "kernel_shape",
                        new long[] {3, 3})
                .node("Relu", "conv", "relu")
                .node("GlobalAveragePool", "relu", "pool")
                .node("Flatten", "pool", "flat")
                .node("Gemm", "flat,v,c", "logits", "transB", 1);
    }

    private static INDArray images() {
        ShapesDataset data = new ShapesDataset(SHAPE, 5, IMAGES);
        float[] pixels = new float[IMAGES * SHAPE.size()];
        for (int i = 0; i < IMAGES; i++) {
            Pixels.toFloat(data.image(i).pixels(), 0, pixels, i * SHAPE.size(), SHAPE.size());
        }
        return Nd4j.create(pixels, new int[] {IMAGES, 3, 8, 8}, 'c');
    }

    private static float[][] expected(INDArray images) {
        float[][] logits = new float[IMAGES][CLASSES];
        try (NetworkClassifier ours =
                new NetworkClassifier(
                        NETWORK, new ReferenceExecutor(), Precision.FLOAT32, 4, weights())) {
            ours.logits(images, logits);
        }
        return logits;
    }

    private static void agree(float[][] found, float[][] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (int k = 0; k < CLASSES; k++) {
                // float32 sums of 27 and 64 terms near 1
                assertThat(found[i][k]).isCloseTo(expected[i][k], Offset.offset(2e-5f));
            }
        }
    }

    @Test
    void itAgreesWithTheSameNetworkOfOurs() throws IOException {
        INDArray images = images();
        float[][] logits = new float[IMAGES][CLASSES];
        try (OnnxClassifier classifier =
                OnnxClassifier.open(file(model(-1, false).toBytes()), OnnxInput.DEFAULT, SHAPE)) {
            assertThat(classifier.classes()).isEqualTo(CLASSES);
            assertThat(classifier.input()).isEqualTo(SHAPE);
            classifier.logits(images, logits);
        }
        agree(logits, expected(images));
    }

    @Test
    void itPutsChannelsLastAndScalesWhereTheModelWantsThat() throws IOException {
        INDArray images = images();
        float[][] logits = new float[IMAGES][CLASSES];
        // (q - 0.5) / 0.5 with q in [0, 1] is the pixel in [-1, 1] again
        OnnxInput input = OnnxInput.parse("nhwc", "unit", "0.5", "0.5,0.5,0.5");
        try (OnnxClassifier classifier =
                OnnxClassifier.open(file(model(1, true).toBytes()), input, SHAPE)) {
            classifier.logits(images, logits);
        }
        agree(logits, expected(images));
        try (OnnxClassifier classifier =
                OnnxClassifier.open(
                        file(model(1, true).toBytes()),
                        OnnxInput.parse("nhwc", "unit", "", ""),
                        SHAPE)) {
            classifier.logits(images, logits);
        }
        assertThat(logits[0][0]).isNotCloseTo(expected(images)[0][0], Offset.offset(1e-3f));
    }

    @Test
    void anImageHasTheSameLogitsInAnyCompany() throws IOException {
        INDArray images = images();
        float[][] together = new float[IMAGES][CLASSES];
        float[][] alone = new float[1][CLASSES];
        try (OnnxClassifier classifier =
                OnnxClassifier.open(file(model(-1, false).toBytes()), OnnxInput.DEFAULT, SHAPE)) {
            classifier.logits(images, together);
            for (int i = 0; i < IMAGES; i++) {
                float[] pixels = new float[SHAPE.size()];
                FloatArrays.read(images, (long) i * pixels.length, pixels, 0, pixels.length);
                classifier.logits(Nd4j.create(pixels, new int[] {1, 3, 8, 8}, 'c'), alone);
                assertThat(alone[0]).isEqualTo(together[i]);
            }
        }
    }

    @Test
    void aModelForOtherImagesIsRefusedWithBothShapes() throws IOException {
        Path file = file(model(-1, false).toBytes());
        assertThatThrownBy(
                        () ->
                                OnnxClassifier.open(
                                        file, OnnxInput.DEFAULT, new ImageShape(1, 28, 28)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[1, 1, 28, 28]")
                .hasMessageContaining("[-1, 3, 8, 8]");
        assertThatThrownBy(
                        () ->
                                OnnxClassifier.open(
                                        file, OnnxInput.parse("nhwc", "unit", "", ""), SHAPE))
                .hasMessageContaining("the other layout");
        assertThatThrownBy(
                        () ->
                                OnnxClassifier.open(
                                        file,
                                        OnnxInput.parse("nchw", "unit", "0.1,0.2", ""),
                                        SHAPE))
                .hasMessageContaining("1 or 3");
        assertThatThrownBy(
                        () ->
                                OnnxClassifier.open(
                                        file(model(8, false).toBytes()), OnnxInput.DEFAULT, SHAPE))
                .hasMessageContaining("any batch or 1");
    }

    @Test
    void whatIsNoModelIsRefused() throws IOException {
        Path broken = Files.write(folder.resolve("broken.onnx"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> OnnxClassifier.open(broken, OnnxInput.DEFAULT, SHAPE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("broken.onnx");
        assertThatThrownBy(
                        () ->
                                OnnxClassifier.open(
                                        folder.resolve("none.onnx"), OnnxInput.DEFAULT, SHAPE))
                .hasMessageContaining("no file");
        OnnxFile single = new OnnxFile(13, "x", new long[] {1, 3, 8, 8}, "y", new long[] {1, 1});
        single.node("GlobalAveragePool", "x", "p")
                .node("Flatten", "p", "f")
                .constant("v", new float[3], 1, 3)
                .node("Gemm", "f,v", "y", "transB", 1);
        assertThatThrownBy(
                        () -> OnnxClassifier.open(file(single.toBytes()), OnnxInput.DEFAULT, SHAPE))
                .hasMessageContaining("at least 2 logits");
    }

    @Test
    void aClosedOneAndWrongImagesAreErrors() throws IOException {
        OnnxClassifier classifier =
                OnnxClassifier.open(file(model(-1, false).toBytes()), OnnxInput.DEFAULT, SHAPE);
        assertThatThrownBy(() -> classifier.logits(Nd4j.zeros(1, 3, 8, 9), new float[1][CLASSES]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[1, 3, 8, 9]");
        classifier.close();
        classifier.close();
        assertThatThrownBy(() -> classifier.logits(images(), new float[IMAGES][CLASSES]))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> OnnxInput.parse("hwc", "unit", "", ""))
                .hasMessageContaining("nchw or nhwc");
        assertThatThrownBy(() -> OnnxInput.parse("nchw", "unit", "a", ""))
                .hasMessageContaining("found a");
        assertThatThrownBy(() -> OnnxInput.parse("nchw", "unit", "", "0"))
                .hasMessageContaining("above 0");
    }
}
