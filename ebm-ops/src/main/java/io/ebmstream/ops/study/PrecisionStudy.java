package io.ebmstream.ops.study;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageQuality;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.UpdateInfo;
import io.ebmstream.ops.quality.ConvolutionFeatures;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.quality.FeatureScale;
import io.ebmstream.ops.quality.KernelMmd;
import io.ebmstream.ops.sampler.UniformNoise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Is bf16 harmless? Trains the same model in float32 and in bf16, from the same seed on the same
 * images in the same order, for several seeds, and sets both beside each other: the course of
 * energy difference and gradient, the quality of the chains, the error of purification, and the
 * gradients themselves. What bf16 does is to be read against what another seed does.
 *
 * <p>Stateless, thread-safe.
 */
public final class PrecisionStudy {
    /** Images in a block of the distance between sets. */
    static final int BLOCK = 64;

    private static final List<Long> FEATURE_SEEDS = List.of(101L, 102L, 103L);
    private static final long NOISE_SEED = 7;
    private static final int PURIFIED = 128;
    private static final int COMPARED = 64;
    private static final int PART = 16;

    private final PrecisionStudyConfig config;
    private final Executor executor;
    private final ImageDataset data;

    private PrecisionStudy(PrecisionStudyConfig config, Executor executor, ImageDataset data) {
        this.config = config;
        this.executor = executor;
        this.data = data;
    }

    /** Follows the training runs; called by several threads. */
    @FunctionalInterface
    public interface Listener {
        void updated(long seed, Precision precision, UpdateInfo update);
    }

    /**
     * Runs the study. Finished training runs are kept in {@code folder} and taken from there if it
     * is run again with the same settings; an interrupted one begins anew.
     *
     * @param workers training runs at a time
     * @throws UnsupportedOperationException if the executor has no bf16 here
     * @throws IllegalArgumentException if the data set is too small to hold images out
     */
    public static PrecisionReport run(
            PrecisionStudyConfig config,
            Executor executor,
            ImageDataset data,
            Path folder,
            int workers,
            Listener listener)
            throws IOException {
        if (!executor.precisions().contains(Precision.BFLOAT16)) {
            throw new UnsupportedOperationException(
                    "expected an executor with bf16 on this machine, found "
                            + executor.name()
                            + " with "
                            + executor.precisions());
        }
        if (data.size() < 2 * config.heldOut()) {
            throw new IllegalArgumentException(
                    "expected at least "
                            + 2 * config.heldOut()
                            + " images, to hold out "
                            + config.heldOut()
                            + ", found "
                            + data.size()
                            + " in "
                            + data.name());
        }
        Files.createDirectories(folder);
        return new PrecisionStudy(config, executor, data).measure(folder, workers, listener);
    }

    private PrecisionReport measure(Path folder, int workers, Listener listener) {
        Precision[] precisions = {Precision.FLOAT32, Precision.BFLOAT16};
        int count = config.seeds().size() * precisions.length;
        TrainingRun[] runs = new TrainingRun[count];
        try (WorkerPool pool = new WorkerPool(workers, "study")) {
            pool.run(
                    count,
                    (worker, i) -> {
                        long seed = config.seeds().get(i / precisions.length);
                        Precision precision = precisions[i % precisions.length];
                        runs[i] = train(seed, precision, folder, listener);
                    });
        }
        int half = config.heldOut() / 2;
        List<byte[]> real = heldOut(0, half);
        List<byte[]> more = heldOut(half, half);
        List<Estimate> distances = new ArrayList<>();
        List<List<byte[]>> sets = new ArrayList<>(List.of(more, uniform(half)));
        for (TrainingRun run : runs) {
            sets.add(run.chains());
        }
        sets.forEach(set -> distances.add(new Estimate(0, 0)));
        for (long seed : FEATURE_SEEDS) {
            try (ConvolutionFeatures features =
                    new ConvolutionFeatures(data.shape(), seed, executor)) {
                float[][] reference = features.of(real);
                FeatureScale scale = FeatureScale.of(reference);
                float[][] scaled = scale.apply(reference);
                for (int s = 0; s < sets.size(); s++) {
                    Estimate one =
                            KernelMmd.between(scaled, scale.apply(features.of(sets.get(s))), BLOCK);
                    distances.set(s, add(distances.get(s), one));
                }
            }
        }
        List<PrecisionReport.Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(
                    row(
                            config.seeds().get(i / precisions.length),
                            precisions[i % precisions.length],
                            runs[i],
                            distances.get(2 + i)));
        }
        return new PrecisionReport(
                distances.get(0), distances.get(1), error(noisy(), clean()), rows);
    }

    /** Adds a third of another estimate, as if their errors were one: that is on the safe side. */
    private static Estimate add(Estimate sum, Estimate one) {
        int n = FEATURE_SEEDS.size();
        return new Estimate(sum.value() + one.value() / n, sum.error() + one.error() / n);
    }

    private TrainingRun train(long seed, Precision precision, Path folder, Listener listener) {
        LearnerConfig learner = config.learner(seed);
        Path file = folder.resolve("run-" + seed + "-" + precision.label() + ".json");
        try {
            return TrainingRun.of(
                    learner,
                    config.updates(),
                    executor,
                    precision,
                    data,
                    data.size() - config.heldOut(),
                    file,
                    update -> listener.updated(seed, precision, update));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PrecisionReport.Row row(
            long seed, Precision precision, TrainingRun run, Estimate chains) {
        List<Image> clean = clean();
        List<Image> noisy = noisy();
        float[] weights = run.weights();
        return new PrecisionReport.Row(
                seed,
                precision.label(),
                Course.of(run.updates()),
                chains,
                error(purify(noisy, weights, Precision.FLOAT32), clean),
                error(purify(noisy, weights, Precision.BFLOAT16), clean),
                error(purify(clean, weights, Precision.FLOAT32), clean),
                agreement(weights, run.chains()),
                agreement(weights, heldOut(0, COMPARED)));
    }

    private Agreement agreement(float[] weights, List<byte[]> pixels) {
        List<Image> images = new ArrayList<>();
        for (byte[] image : pixels.subList(0, COMPARED)) {
            images.add(new Image(data.shape(), image));
        }
        double temperature = config.langevin().temperature();
        return Agreement.of(config.network(), executor, weights, temperature, images);
    }

    private List<Image> purify(List<Image> images, float[] weights, Precision precision) {
        PurifierConfig purifierConfig =
                new PurifierConfig(config.langevin(), config.purifySteps(), NOISE_SEED);
        List<PurificationImage> batch = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            batch.add(PurificationImage.of("image-" + i, images.get(i).pixels()));
        }
        ImageShape shape = data.shape();
        try (Purifier purifier =
                new Purifier(config.network(), executor, precision, purifierConfig, PART)) {
            purifier.setModel(weights);
            try (PurificationBatch running = purifier.start(batch)) {
                purifier.advance(running, Long.MAX_VALUE);
                List<Image> purified = new ArrayList<>();
                for (int i = 0; i < images.size(); i++) {
                    purified.add(new Image(shape, running.result(i).pixels()));
                }
                return purified;
            }
        }
    }

    private List<Image> clean() {
        List<Image> images = new ArrayList<>();
        heldOut(0, PURIFIED).forEach(pixels -> images.add(new Image(data.shape(), pixels)));
        return images;
    }

    private List<Image> noisy() {
        Corruption noise = new Corruption.Noise(config.noise());
        List<Image> images = new ArrayList<>();
        for (Image image : clean()) {
            images.add(noise.apply(image, NOISE_SEED, images.size()));
        }
        return images;
    }

    private static double error(List<Image> found, List<Image> expected) {
        double sum = 0;
        for (int i = 0; i < found.size(); i++) {
            sum += ImageQuality.mse(found.get(i), expected.get(i));
        }
        return sum / found.size();
    }

    private List<byte[]> heldOut(int from, int count) {
        int first = data.size() - config.heldOut() + from;
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(data.image(first + i).pixels());
        }
        return images;
    }

    private List<byte[]> uniform(int count) {
        UniformNoise noise = new UniformNoise();
        float[] pixels = new float[data.shape().size()];
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            noise.fill(NOISE_SEED, i, 0, pixels, 0, pixels.length);
            images.add(Image.fromFloat(data.shape(), pixels, 0).pixels());
        }
        return images;
    }
}
