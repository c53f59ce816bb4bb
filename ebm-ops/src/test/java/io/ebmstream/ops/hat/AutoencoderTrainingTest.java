package io.ebmstream.ops.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoencoderTrainingTest {
    private static final ImageShape SHAPE = new ImageShape(1, 32, 32);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 3, 40);
    private static final Executor EXECUTOR = Executors.resolve("onednn", "float32").executor();

    private static AutoencoderConfig config(int steps, double noise) {
        return new AutoencoderConfig(SHAPE, 2, steps, 8, 3e-3, noise, 5);
    }

    private static AutoencoderTraining training(AutoencoderConfig config) {
        return new AutoencoderTraining(config, EXECUTOR, Precision.FLOAT32, IMAGES);
    }

    private static List<Image> images() {
        return IntStream.range(0, IMAGES.size()).mapToObj(IMAGES::image).toList();
    }

    private static Reconstruction measure(AutoencoderConfig config, float[] e, float[] d) {
        return Reconstruction.of(
                images(),
                Reconstruction.images(
                        new ModelFile.Part(config.encoder(), e),
                        new ModelFile.Part(config.decoder(), d),
                        EXECUTOR,
                        images()));
    }

    @Test
    void learnsToGiveImagesBack() {
        AutoencoderConfig config = config(120, 0.02);
        Reconstruction before =
                measure(
                        config,
                        Initializer.weights(config.encoder().build(), 5),
                        Initializer.weights(
                                config.decoder().build(), Threefry.derive(5, 0x6465636FL)));
        try (AutoencoderTraining training = training(config)) {
            for (int i = 0; i < 120; i++) {
                training.step();
            }
            Reconstruction after =
                    measure(config, training.encoderWeights(), training.decoderWeights());
            assertThat(after.count()).isEqualTo(40);
            assertThat(after.mse()).isLessThan(before.mse() / 4);
            assertThat(after.psnr()).isGreaterThan(before.psnr() + 4);
            assertThat(after.ssim()).isGreaterThan(before.ssim());
            // the mean of the last batch against all images after it
            assertThat(training.loss()).isCloseTo(after.mse(), within(after.mse()));
        }
    }

    @Test
    void theLossIsTheReconstructionErrorOfTheBatch() {
        // one batch of all images, without noise
        AutoencoderConfig config = new AutoencoderConfig(SHAPE, 2, 1, 40, 1e-3, 0, 5);
        try (AutoencoderTraining training = training(config)) {
            Reconstruction expected =
                    measure(config, training.encoderWeights(), training.decoderWeights());
            training.step();
            // what is measured is rounded to bytes and clipped: up to 1/255 each
            assertThat(training.loss()).isCloseTo(expected.mse(), within(1e-3));
        }
    }

    @Test
    void aRestoredTrainingGoesOnBitForBit() {
        AutoencoderConfig config = config(9, 0.02);
        AutoencoderTraining.State whole;
        AutoencoderTraining.State half;
        try (AutoencoderTraining training = training(config)) {
            for (int i = 0; i < 6; i++) {
                training.step();
            }
            half = training.state();
            for (int i = 6; i < 9; i++) {
                training.step();
            }
            whole = training.state();
            assertThatThrownBy(training::step).isInstanceOf(IllegalStateException.class);
        }
        try (AutoencoderTraining training = training(config)) {
            training.restore(half);
            assertThat(training.done()).isEqualTo(6);
            while (training.done() < 9) {
                training.step();
            }
            assertThat(training.state()).usingRecursiveComparison().isEqualTo(whole);
        }
        assertThat(half.encoder()).isNotEqualTo(whole.encoder());
        try (AutoencoderTraining other = training(config(3, 0.02))) {
            assertThatThrownBy(() -> other.restore(half))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 3 steps");
        }
    }

    @Test
    void theDecoderComesBackAsAGenerator(@TempDir Path folder) throws IOException {
        AutoencoderConfig config = config(1, 0);
        float[] e = Initializer.weights(config.encoder().build(), 1);
        float[] d = Initializer.weights(config.decoder().build(), 2);
        Path file =
                new AutoencoderFile(
                                new ModelFile.Part(config.encoder(), e),
                                new ModelFile.Part(config.decoder(), d),
                                Map.of("seed", "5"))
                        .write(folder.resolve(AutoencoderFile.NAME));
        for (Path path : List.of(file, folder)) {
            Generator generator = Generator.read(path);
            assertThat(generator.weights()).isEqualTo(d);
            assertThat(generator.network()).isEqualTo(config.decoder().build());
            assertThat(generator.latentSize()).isEqualTo(256);
        }
        assertThatThrownBy(() -> Generator.read(folder.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found none at");
        Files.write(file, new byte[20]);
        assertThatThrownBy(() -> Generator.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(AutoencoderFile.NAME);
    }

    @Test
    void badConfigurationsAreRefused() {
        assertThatThrownBy(() -> config(0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 step");
        assertThatThrownBy(() -> config(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("noise");
        assertThatThrownBy(
                        () -> new AutoencoderConfig(new ImageShape(1, 28, 28), 2, 1, 1, 1e-3, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pad or scale");
        AutoencoderConfig large = new AutoencoderConfig(SHAPE, 2, 1, 41, 1e-3, 0, 1);
        assertThatThrownBy(() -> training(large))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("41");
    }
}
