package io.ebmstream.ops.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.InMemoryDataset;
import io.ebmstream.ops.sampler.Threefry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTrainingTest {
    private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
    private static final Network NETWORK = WideResNet.of(SHAPE, 10, 1, 2, 4);
    private static final Executor EXECUTOR =
            Executors.resolve(Executors.AUTO, "float32").executor();

    @Test
    void learnsToTellStripesApart() {
        ImageDataset data = stripes(64);
        try (ClassifierTraining training = training(60, data)) {
            while (training.done() < 60) {
                training.step();
            }
            try (NetworkClassifier classifier =
                    new NetworkClassifier(
                            NETWORK, EXECUTOR, Precision.FLOAT32, 8, training.weights())) {
                assertThat(Accuracy.of(classifier, stripes(80), 64, 16).successes()).isEqualTo(16);
            }
        }
    }

    @Test
    void goesOnBitForBit(@TempDir Path folder) throws Exception {
        ImageDataset data = stripes(40);
        float[] whole;
        ClassifierTraining.State half = null;
        try (ClassifierTraining training = training(8, data)) {
            for (int i = 0; i < 8; i++) {
                if (i == 5) {
                    half = training.state();
                }
                training.step();
            }
            whole = training.weights();
        }
        try (ClassifierTraining training = training(8, data)) {
            training.restore(half);
            while (training.done() < 8) {
                training.step();
            }
            assertThat(training.weights()).isEqualTo(whole);
        }
        Path file = folder.resolve("classifier.safetensors");
        new ClassifierFile(NETWORK, 4, whole, Map.of("note", "x")).write(file);
        ClassifierFile read = ClassifierFile.read(file);
        assertThat(read.weights()).isEqualTo(whole);
        assertThat(read.network()).isEqualTo(NETWORK);
        assertThat(read.metadata()).containsEntry("note", "x");
    }

    @Test
    void refusesImagesWithoutLabels() {
        ImageDataset data =
                new InMemoryDataset(
                        "plain", List.of(new Image(SHAPE, new byte[SHAPE.size()])), List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> training(8, data))
                .withMessageContaining("found none on image 0");
    }

    private static ClassifierTraining training(int steps, ImageDataset data) {
        ClassifierTrainingConfig config =
                new ClassifierTrainingConfig(
                        NETWORK, steps, 16, 0.05, 0.9, 5e-4, new Augmentation(true, 1, 0.2), 7);
        return new ClassifierTraining(config, EXECUTOR, Precision.FLOAT32, data);
    }

    /** Rows or columns of random brightness: labels 0 and 1. */
    private static ImageDataset stripes(int count) {
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] pixels = new byte[SHAPE.size()];
            for (int p = 0; p < pixels.length; p++) {
                int line = i % 2 == 0 ? p / 8 : p % 8;
                pixels[p] = (byte) Threefry.block(i, line);
            }
            images.add(new Image(SHAPE, pixels, i % 2));
        }
        return new InMemoryDataset("stripes", images, List.of());
    }
}
