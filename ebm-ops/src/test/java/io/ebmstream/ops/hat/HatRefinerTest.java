package io.ebmstream.ops.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HatRefinerTest {
    private static final ShapesDataset IMAGES = new ShapesDataset(HatNetworks.IMAGE, 5, 64);
    private static final Generator GENERATOR =
            new Generator(HatNetworks.GENERATOR, TestArrays.weights(HatNetworks.GENERATOR, 2));
    private static final HatDynamics DYNAMICS = HatDynamics.of(5e-3, 2e-2, 1e-4, 50);
    private static final RefinerConfig CONFIG = new RefinerConfig(DYNAMICS, 7, 3);

    private final HatRefiner refiner = refiner(CONFIG);

    private static HatRefiner refiner(RefinerConfig config) {
        HatRefiner made =
                new HatRefiner(
                        HatNetworks.ENERGY,
                        GENERATOR,
                        new ReferenceExecutor(),
                        Precision.FLOAT32,
                        config,
                        4);
        made.setModel(TestArrays.weights(HatNetworks.ENERGY, 1));
        return made;
    }

    @AfterEach
    void close() {
        refiner.close();
    }

    private static float[] latents(int i) {
        float[] z = new float[3];
        new GaussianNoise().fill(1, i, 0, z, 0, 3);
        return z;
    }

    /** Every third comes without an image. */
    private static RefinementImage sample(int i) {
        return i % 3 == 2
                ? RefinementImage.of(100 + i, latents(i))
                : RefinementImage.of("image-" + i, latents(i), IMAGES.image(i).pixels());
    }

    private static List<RefinementImage> samples(int count) {
        return IntStream.range(0, count).mapToObj(HatRefinerTest::sample).toList();
    }

    private static List<RefinedImage> run(HatRefiner refiner, List<RefinementImage> samples) {
        try (RefinementBatch batch = refiner.start(samples)) {
            while (!refiner.advance(batch, 50_000)) {
                continue;
            }
            return IntStream.range(0, samples.size()).mapToObj(batch::result).toList();
        }
    }

    private static void assertSame(RefinedImage found, RefinedImage expected) {
        assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }

    @Test
    void resultsDoNotDependOnTheCompany() {
        List<RefinedImage> together = run(refiner, samples(10));
        for (int i = 0; i < 10; i++) {
            assertSame(run(refiner, List.of(sample(i))).get(0), together.get(i));
        }
        List<RefinementImage> turned = new ArrayList<>(samples(10));
        Collections.reverse(turned);
        List<RefinedImage> reversed = run(refiner, turned);
        for (int i = 0; i < 10; i++) {
            assertSame(reversed.get(9 - i), together.get(i));
        }
        assertThat(refiner.imageSteps()).isEqualTo(3 * 10 * 7);
    }

    @Test
    void samplesResumeFromAnyStepInAnyCompany() {
        List<RefinedImage> whole = run(refiner, samples(9));
        List<RefinementImage> saved = new ArrayList<>();
        try (RefinementBatch batch = refiner.start(samples(8))) {
            for (int piece = 0; piece < 14; piece++) {
                refiner.advance(batch, 0);
            }
            for (int i = 0; i < 8; i++) {
                saved.add(batch.progress(i));
            }
        }
        assertThat(saved.stream().map(RefinementImage::step).distinct().count())
                .as("samples in different places")
                .isGreaterThan(1);
        saved.add(4, sample(8));
        try (HatRefiner fresh = refiner(CONFIG)) {
            List<RefinedImage> resumed = run(fresh, saved);
            for (int i = 0; i < 9; i++) {
                int number = i < 4 ? i : i == 4 ? 8 : i - 1;
                assertSame(resumed.get(i), whole.get(number));
            }
        }
    }

    @Test
    void samplesGoOnFromBytes() {
        List<RefinedImage> whole = run(refiner, samples(6));
        for (int pieces = 0; pieces < 20; pieces += 3) {
            byte[] bytes;
            try (RefinementBatch batch = refiner.start(samples(6))) {
                for (int piece = 0; piece < pieces; piece++) {
                    refiner.advance(batch, 0);
                }
                bytes = RefinementProgress.write(batch);
            }
            List<RefinedImage> resumed = run(refiner, RefinementProgress.read(bytes, samples(6)));
            for (int i = 0; i < 6; i++) {
                assertSame(resumed.get(i), whole.get(i));
            }
            assertThatThrownBy(() -> RefinementProgress.read(bytes, samples(5)))
                    .hasMessageContaining("expected 5 samples, found 6");
            bytes[bytes.length - 9] ^= 1;
            assertThatThrownBy(() -> RefinementProgress.read(bytes, samples(6)))
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void aRunBeginsAtTheImageThatCameAlong() {
        try (HatRefiner none = refiner(new RefinerConfig(DYNAMICS, 0, 3))) {
            RefinedImage given = run(none, List.of(sample(0))).get(0);
            assertThat(given.pixels()).isEqualTo(IMAGES.image(0).pixels());
            assertThat(given.residual()).as("x is not G(z)").isGreaterThan(1);
            // G(z) + (x - G(z)) rounds
            assertThat(given.displacement()).isLessThan(1e-5);
            assertThat(given.energyAfter())
                    .isCloseTo(given.energyBefore(), within(1e-3 * Math.abs(given.energyBefore())));
            RefinedImage alone = run(none, List.of(sample(2))).get(0);
            assertThat(alone.residual()).isZero();
            assertThat(alone.displacement()).isZero();
            assertThat(alone.latents()).isEqualTo(latents(2));
            assertThat(alone.energyAfter()).isEqualTo(alone.energyBefore());
        }
    }

    @Test
    void energiesFallAndLatentsMove() {
        try (HatRefiner longer = refiner(new RefinerConfig(DYNAMICS, 60, 3))) {
            for (RefinedImage image : run(longer, samples(3))) {
                assertThat(image.energyAfter()).isLessThan(image.energyBefore());
                assertThat(image.latentDisplacement()).isPositive();
                assertThat(image.displacement()).isPositive();
            }
        }
    }

    @Test
    void oneBatchAtATime() {
        RefinementBatch batch = refiner.start(samples(1));
        assertThatThrownBy(() -> refiner.start(samples(1)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> refiner.setModel(TestArrays.weights(HatNetworks.ENERGY, 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("finish");
        assertThatThrownBy(() -> batch.result(0)).isInstanceOf(IllegalStateException.class);
        batch.close();
        assertThatThrownBy(() -> refiner.advance(batch, 1))
                .isInstanceOf(IllegalStateException.class);
        refiner.setModel(TestArrays.weights(HatNetworks.ENERGY, 2));
    }

    @Test
    void wrongSamplesAreRefused() {
        assertThatThrownBy(() -> refiner.start(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> refiner.start(List.of(RefinementImage.of(1, new float[4]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 4");
        assertThatThrownBy(
                        () ->
                                refiner.start(
                                        List.of(RefinementImage.of("a", latents(1), new byte[3]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 3 input");
        RefinementImage late = new RefinementImage(1, latents(1), null, new float[259], 8, 1.0);
        assertThatThrownBy(() -> refiner.start(List.of(late)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step 8");
        assertThatThrownBy(() -> new Generator(HatNetworks.GENERATOR, new float[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 5");
        assertThat(run(refiner, samples(1))).as("still usable").hasSize(1);
    }

    @Test
    void explodedChainIsAnErrorNotAnImage() {
        HatDynamics wild = HatDynamics.of(1e25, 1e25, 1e-4, 0);
        try (HatRefiner exploding = refiner(new RefinerConfig(wild, 3, 3));
                RefinementBatch batch = exploding.start(samples(1))) {
            assertThat(exploding.advance(batch, Long.MAX_VALUE / 2)).isTrue();
            assertThatThrownBy(() -> batch.result(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no longer finite");
        }
    }

    @Test
    void theHashTellsSamplersAndGeneratorsApart() {
        String digest = GENERATOR.digest();
        assertThat(refiner.samplerHash()).isEqualTo(CONFIG.hash(Precision.FLOAT32, digest));
        float[] other = GENERATOR.weights().clone();
        other[0] += 1;
        assertThat(CONFIG.hash(Precision.FLOAT32, digest))
                .hasSize(64)
                .isNotEqualTo(CONFIG.hash(Precision.BFLOAT16, digest))
                .isNotEqualTo(new RefinerConfig(DYNAMICS, 8, 3).hash(Precision.FLOAT32, digest))
                .isNotEqualTo(
                        CONFIG.hash(
                                Precision.FLOAT32,
                                new Generator(HatNetworks.GENERATOR, other).digest()))
                .isEqualTo(new RefinerConfig(DYNAMICS, 7, 99).hash(Precision.FLOAT32, digest));
    }
}
