package io.ebmstream.ops.defense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PurifierTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);
    private static final PurifierConfig CONFIG =
            new PurifierConfig(LangevinConfig.of(1e-2, 1e-4), 7, 3);

    private static final String HASH =
            "b59fde012707b58634bcf654640c36cb96f53c8da516073127e672850d074968";

    private final Purifier purifier = purifier(CONFIG);

    private static Purifier purifier(PurifierConfig config) {
        Purifier made =
                new Purifier(NETWORK, new ReferenceExecutor(), Precision.FLOAT32, config, 4);
        made.setModel(Initializer.weights(NETWORK, 1));
        return made;
    }

    @AfterEach
    void close() {
        purifier.close();
    }

    private static PurificationImage image(int i) {
        return PurificationImage.of("image-" + i, IMAGES.image(i).pixels());
    }

    private static List<PurificationImage> images(int count) {
        return IntStream.range(0, count).mapToObj(PurifierTest::image).toList();
    }

    private static List<PurifiedImage> run(Purifier purifier, List<PurificationImage> images) {
        try (PurificationBatch batch = purifier.start(images)) {
            while (!purifier.advance(batch, 50_000)) {
                continue;
            }
            return IntStream.range(0, images.size()).mapToObj(batch::result).toList();
        }
    }

    private static void assertSame(PurifiedImage found, PurifiedImage expected) {
        assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }

    @Test
    void resultsDoNotDependOnTheCompany() {
        List<PurifiedImage> together = run(purifier, images(10));
        for (int i = 0; i < 10; i++) {
            assertSame(run(purifier, List.of(image(i))).get(0), together.get(i));
        }
        List<PurificationImage> turned = new ArrayList<>(images(10));
        Collections.reverse(turned);
        List<PurifiedImage> reversed = run(purifier, turned);
        for (int i = 0; i < 10; i++) {
            assertSame(reversed.get(9 - i), together.get(i));
        }
    }

    @Test
    void imagesResumeFromAnyStepInAnyCompany() {
        List<PurifiedImage> whole = run(purifier, images(9));
        List<PurificationImage> saved = new ArrayList<>();
        try (PurificationBatch batch = purifier.start(images(8))) {
            for (int piece = 0; piece < 14; piece++) {
                purifier.advance(batch, 0);
            }
            for (int i = 0; i < 8; i++) {
                saved.add(batch.progress(i));
            }
        }
        assertThat(saved.stream().map(PurificationImage::step).distinct().count())
                .as("images in different places")
                .isGreaterThan(1);
        saved.add(4, image(8));
        List<PurifiedImage> resumed = run(purifier(CONFIG), saved);
        for (int i = 0; i < 9; i++) {
            int number = i < 4 ? i : i == 4 ? 8 : i - 1;
            assertSame(resumed.get(i), whole.get(number));
        }
    }

    @Test
    void everyStepCountsOnce() {
        run(purifier, images(6));
        assertThat(purifier.imageSteps()).isEqualTo(6 * 7);
    }

    @Test
    void noStepsGiveTheInputBack() {
        Purifier none = purifier(new PurifierConfig(CONFIG.langevin(), 0, 3));
        PurifiedImage result = run(none, images(1)).get(0);
        assertThat(result.pixels()).isEqualTo(IMAGES.image(0).pixels());
        assertThat(result.displacement()).isZero();
        assertThat(result.energyAfter()).isEqualTo(result.energyBefore());
        none.close();
    }

    @Test
    void displacementIsTheDistanceToTheInput() {
        PurifiedImage result = run(purifier, images(1)).get(0);
        double squares = 0;
        byte[] input = IMAGES.image(0).pixels();
        for (int k = 0; k < input.length; k++) {
            double d = Pixels.toFloat(result.pixels()[k]) - Pixels.toFloat(input[k]);
            squares += d * d;
        }
        // rounding to bytes and clipping change it a little; noise alone gives 0.42
        assertThat(result.displacement()).isCloseTo(Math.sqrt(squares), within(0.1));
        assertThat(result.displacement()).isGreaterThan(0.2);
    }

    @Test
    void energiesAreReportedAtTheirOwnTemperature() {
        PurifiedImage result = run(purifier, images(1)).get(0);
        LangevinConfig cold = LangevinConfig.of(5e-3, 2.5e-5);
        try (Purifier colder = purifier(new PurifierConfig(cold, 7, 3, 1e-4))) {
            PurifiedImage found = run(colder, images(1)).get(0);
            assertThat(found.energyBefore()).isEqualTo(result.energyBefore());
            assertThat(found.displacement()).isLessThan(result.displacement());
        }
    }

    @Test
    void oneBatchAtATime() {
        PurificationBatch batch = purifier.start(images(1));
        assertThatThrownBy(() -> purifier.start(images(1)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> purifier.setModel(Initializer.weights(NETWORK, 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("finish");
        assertThatThrownBy(() -> batch.result(0)).isInstanceOf(IllegalStateException.class);
        batch.close();
        assertThatThrownBy(() -> purifier.advance(batch, 1))
                .isInstanceOf(IllegalStateException.class);
        purifier.setModel(Initializer.weights(NETWORK, 2));
    }

    @Test
    void wrongImagesAreRefused() {
        assertThatThrownBy(() -> purifier.start(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> purifier.start(List.of(PurificationImage.of("a", new byte[3]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 3");
        PurificationImage late = new PurificationImage(1, new byte[256], new float[256], 8, 1.0);
        assertThatThrownBy(() -> purifier.start(List.of(late)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step 8");
        assertThat(run(purifier, images(1))).as("still usable").hasSize(1);
    }

    @Test
    void explodedChainIsAnErrorNotAnImage() {
        Purifier wild = purifier(new PurifierConfig(LangevinConfig.of(1e25, 1e-4), 3, 3));
        try (PurificationBatch batch = wild.start(images(1))) {
            assertThat(wild.advance(batch, Long.MAX_VALUE / 2)).isTrue();
            assertThatThrownBy(() -> batch.result(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no longer finite");
        }
        wild.close();
    }

    @Test
    void chainIdAndConfigurationHashAreStable() {
        // sha256("image-1") and the text documented in hash(), by another program
        assertThat(PurificationImage.chain("image-1")).isEqualTo(933467652192968450L);
        assertThat(CONFIG.hash(Precision.FLOAT32)).isEqualTo(HASH);
        assertThat(CONFIG.hash(Precision.BFLOAT16)).isNotEqualTo(HASH);
        assertThat(new PurifierConfig(CONFIG.langevin(), 7, 99).hash(Precision.FLOAT32))
                .as("the seed is told apart from the configuration")
                .isEqualTo(HASH);
    }
}
