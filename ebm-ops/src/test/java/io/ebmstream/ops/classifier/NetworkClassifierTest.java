package io.ebmstream.ops.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.sampler.GaussianNoise;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NetworkClassifierTest {
    private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
    private static final Network NETWORK = WideResNet.of(SHAPE, 10, 1, 3, 4);
    private static final float[] WEIGHTS = Initializer.weights(NETWORK, 5);

    @Test
    void pullsLogitGradientsBackToTheImage() {
        int n = 2;
        float[][] factors = {{1, -2, 0.5f}, {0, 0.25f, -1}};
        try (NetworkClassifier classifier =
                        new NetworkClassifier(
                                NETWORK, new ReferenceExecutor(), Precision.FLOAT32, 4, WEIGHTS);
                INDArray images = images(n);
                INDArray gradient = Nd4j.zeros(DataType.FLOAT, n, 1, 8, 8)) {
            classifier.inputGradient(images, factors, gradient);
            float[] found = FloatArrays.toHeap(gradient);
            float[] pixels = FloatArrays.toHeap(images);
            float h = 1e-2f;
            for (int i = 0; i < pixels.length; i += 7) {
                double difference =
                        sum(classifier, pixels, i, h, factors)
                                - sum(classifier, pixels, i, -h, factors);
                // piecewise linear: exact but for the rounding of float32 pixels and logits
                assertThat((double) found[i])
                        .as("pixel %d", i)
                        .isCloseTo(difference / (2 * h), within(2e-3));
            }
        }
    }

    private static double sum(
            NetworkClassifier classifier, float[] pixels, int i, float h, float[][] factors) {
        float[] moved = pixels.clone();
        moved[i] += h;
        float[][] logits = new float[2][3];
        try (INDArray images = Nd4j.create(moved, new long[] {2, 1, 8, 8}, DataType.FLOAT)) {
            classifier.logits(images, logits);
        }
        double sum = 0;
        for (int j = 0; j < 2; j++) {
            for (int k = 0; k < 3; k++) {
                sum += factors[j][k] * logits[j][k];
            }
        }
        return sum;
    }

    @Test
    void bitsDoNotDependOnTheBatch() {
        float[][] ones = new float[7][3];
        float[][] fours = new float[7][3];
        try (INDArray images = images(7);
                NetworkClassifier one = classifier(1);
                NetworkClassifier four = classifier(4)) {
            one.logits(images, ones);
            four.logits(images, fours);
        }
        assertThat(fours).isDeepEqualTo(ones);
    }

    private static NetworkClassifier classifier(int batch) {
        return new NetworkClassifier(
                NETWORK,
                Executors.resolve(Executors.AUTO, "float32").executor(),
                Precision.FLOAT32,
                batch,
                WEIGHTS);
    }

    @Test
    void refusesAnEnergy() {
        Network energy = Light32.of(new ImageShape(1, 16, 16), 2);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new NetworkClassifier(
                                        energy,
                                        new ReferenceExecutor(),
                                        Precision.FLOAT32,
                                        1,
                                        Initializer.weights(energy, 1)))
                .withMessageContaining("at least 2 logits");
    }

    private static INDArray images(int n) {
        float[] pixels = new float[n * SHAPE.size()];
        new GaussianNoise().fill(3, 1, 0, pixels, 0, pixels.length);
        return Nd4j.create(pixels, new long[] {n, 1, 8, 8}, DataType.FLOAT);
    }
}
