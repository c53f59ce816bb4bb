package io.ebmstream.ops.defense;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EarlyStopTest {
    private static final int COUNT = 8;
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final float[] WEIGHTS = weights();
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, COUNT);
    private static final PurifierConfig FULL =
            new PurifierConfig(LangevinConfig.of(1e-2, 1e-4), 12, 3);

    /** Large enough for energies to fall by more than the noise lifts them. */
    private static float[] weights() {
        float[] weights = Initializer.weights(NETWORK, 1);
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= 2;
        }
        return weights;
    }

    /** Between the images' energies after 12 steps, so that some stop early and some do not. */
    private static EarlyStop stop() {
        List<PurifiedImage> full = run(FULL, images());
        double level =
                full.stream()
                        .mapToDouble(PurifiedImage::energyAfter)
                        .sorted()
                        .skip(COUNT / 2)
                        .findFirst()
                        .orElseThrow();
        return new EarlyStop(level, 4, 3);
    }

    private static List<PurificationImage> images() {
        return IntStream.range(0, COUNT)
                .mapToObj(i -> PurificationImage.of("image-" + i, IMAGES.image(i).pixels()))
                .toList();
    }

    private static Purifier purifier(PurifierConfig config) {
        Purifier purifier =
                new Purifier(NETWORK, new ReferenceExecutor(), Precision.FLOAT32, config, 5);
        purifier.setModel(WEIGHTS);
        return purifier;
    }

    private static List<PurifiedImage> run(PurifierConfig config, List<PurificationImage> images) {
        try (Purifier purifier = purifier(config);
                PurificationBatch batch = purifier.start(images)) {
            while (!purifier.advance(batch, 0)) {
                continue;
            }
            return IntStream.range(0, images.size()).mapToObj(batch::result).toList();
        }
    }

    @Test
    void anEarlyEndIsThatOfAShorterRun() {
        EarlyStop stop = stop();
        List<PurifiedImage> early = run(FULL.withEarlyStop(stop), images());
        assertThat(early.stream().map(PurifiedImage::steps).distinct().count())
                .as("images stop at different steps")
                .isGreaterThan(1);
        for (int i = 0; i < COUNT; i++) {
            int steps = early.get(i).steps();
            assertThat(steps == 12 || stop.looksAt(steps)).isTrue();
            assertThat(steps == 12 || early.get(i).energyAfter() <= stop.level()).isTrue();
            PurifierConfig shorter = new PurifierConfig(FULL.langevin(), steps, 3);
            assertSame(early.get(i), run(shorter, images().subList(i, i + 1)).get(0));
        }
    }

    @Test
    void aResumedImageStopsWhereItWouldHave() {
        PurifierConfig config = FULL.withEarlyStop(stop());
        List<PurifiedImage> whole = run(config, images());
        for (int pieces = 1; pieces < 40; pieces += 4) {
            List<PurificationImage> saved = new ArrayList<>();
            try (Purifier purifier = purifier(config);
                    PurificationBatch batch = purifier.start(images())) {
                for (int piece = 0; piece < pieces; piece++) {
                    purifier.advance(batch, 0);
                }
                for (int i = 0; i < COUNT; i++) {
                    saved.add(batch.progress(i));
                }
            }
            List<PurifiedImage> resumed = run(config, saved);
            for (int i = 0; i < COUNT; i++) {
                assertSame(resumed.get(i), whole.get(i));
            }
        }
    }

    @Test
    void manyCoresStopAlike() {
        PurifierConfig config = FULL.withEarlyStop(stop());
        List<PurifiedImage> expected = run(config, images());
        float[] pixels = new float[COUNT * SHAPE.size()];
        int[] of = new int[COUNT];
        long[] chains = new long[COUNT];
        int[] steps = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            of[i] = i;
            chains[i] = images().get(i).chain();
            IMAGES.image(i).toFloat(pixels, i * SHAPE.size());
        }
        try (WorkerPool pool = new WorkerPool(2, "test");
                ParallelPurifier purifier =
                        new ParallelPurifier(
                                NETWORK,
                                new ReferenceExecutor(),
                                Precision.FLOAT32,
                                config,
                                3,
                                pool,
                                WEIGHTS)) {
            float[] out = new float[pixels.length];
            purifier.purify(pixels, of, chains, out, steps);
            for (int i = 0; i < COUNT; i++) {
                assertThat(steps[i]).isEqualTo(expected.get(i).steps());
                assertThat(Image.fromFloat(SHAPE, out, i * SHAPE.size()).pixels())
                        .isEqualTo(expected.get(i).pixels());
            }
            double[] before = purifier.energies(pixels);
            for (int i = 0; i < COUNT; i++) {
                assertThat(before[i]).isEqualTo(expected.get(i).energyBefore());
            }
            assertThat(purifier.imageSteps()).isEqualTo(IntStream.of(steps).sum());
        }
    }

    @Test
    void theHashKnowsIt() {
        assertThat(FULL.withEarlyStop(new EarlyStop(1, 2, 3)).hash(Precision.FLOAT32))
                .isNotEqualTo(FULL.hash(Precision.FLOAT32))
                .isNotEqualTo(FULL.withEarlyStop(new EarlyStop(1, 2, 4)).hash(Precision.FLOAT32));
    }

    private static void assertSame(PurifiedImage found, PurifiedImage expected) {
        assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }
}
