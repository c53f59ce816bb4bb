package io.ebmstream.ops.quality;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.sampler.UniformNoise;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures samples against real images with every {@link QualityMeasure}, on random convolution
 * features of several seeds. Each measure first has to tell other real images from uniform noise,
 * intervals apart, with every seed; one that cannot is refused. Stateless, thread-safe.
 */
public final class QualityEvaluation {
    /** Images in a block unless said otherwise. */
    public static final int DEFAULT_BLOCK = 64;

    /** Seeds of the features unless said otherwise. */
    public static final List<Long> DEFAULT_SEEDS = List.of(101L, 102L, 103L);

    private static final long NOISE_SEED = 7;

    /** Close share of copies that the check must reach to be believed. */
    private static final double COPIES_SEEN = 0.9;

    private QualityEvaluation() {}

    /**
     * Images to measure with, u8 planar each, as many real ones, others and samples.
     *
     * @param real held-out images that all others are set against
     * @param others as many other held-out images, for calibration
     * @param samples as many samples
     * @param training images that the model was trained on, or none for no memorisation check
     */
    public record Sets(
            List<byte[]> real, List<byte[]> others, List<byte[]> samples, List<byte[]> training) {
        /**
         * @throws IllegalArgumentException unless the first three have one size
         */
        public Sets {
            real = List.copyOf(real);
            others = List.copyOf(others);
            samples = List.copyOf(samples);
            training = List.copyOf(training);
            if (real.size() != others.size() || real.size() != samples.size()) {
                throw new IllegalArgumentException(
                        "expected as many real images, others and samples, found "
                                + real.size()
                                + ", "
                                + others.size()
                                + " and "
                                + samples.size());
            }
        }
    }

    /**
     * Measures.
     *
     * @param shape shape of every image
     * @param executor computes the features, float32
     * @param block images in a block, at least 8; two blocks of images at least
     * @param samplesName what the samples are, for the report
     * @param realName what the real images are, for the report
     */
    public static QualityReport of(
            Sets sets,
            ImageShape shape,
            Executor executor,
            int block,
            List<Long> seeds,
            String samplesName,
            String realName) {
        int n = sets.real().size();
        if (block < 8 || n < 2 * block || seeds.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected blocks of at least 8 images, two of them in every set, and a feature"
                            + " seed, found blocks of "
                            + block
                            + ", "
                            + n
                            + " images and "
                            + seeds.size()
                            + " seeds");
        }
        QualityMeasure[] measures = QualityMeasure.values();
        Estimate[][] values = new Estimate[measures.length][seeds.size()];
        Estimate[][] reals = new Estimate[measures.length][seeds.size()];
        Estimate[][] noises = new Estimate[measures.length][seeds.size()];
        QualityReport.Memorisation memorisation = null;
        for (int s = 0; s < seeds.size(); s++) {
            try (ConvolutionFeatures features =
                    new ConvolutionFeatures(shape, seeds.get(s), executor)) {
                float[][] raw = features.of(sets.real());
                FeatureScale scale = FeatureScale.of(raw);
                float[][] real = scale.apply(raw);
                float[][] others = scale.apply(features.of(sets.others()));
                float[][] noise = scale.apply(features.of(noise(shape, n)));
                float[][] samples = scale.apply(features.of(sets.samples()));
                for (int m = 0; m < measures.length; m++) {
                    values[m][s] = measures[m].estimate(real, samples, block);
                    reals[m][s] = measures[m].estimate(real, others, block);
                    noises[m][s] = measures[m].estimate(real, noise, block);
                }
                if (s == 0 && !sets.training().isEmpty()) {
                    float[][] training = scale.apply(features.of(sets.training()));
                    memorisation = memorisation(training, real, others, samples);
                }
            }
        }
        List<QualityReport.Row> rows = new ArrayList<>();
        for (int m = 0; m < measures.length; m++) {
            rows.add(row(measures[m], values[m], reals[m], noises[m]));
        }
        return new QualityReport(samplesName, realName, n, block, seeds, rows, memorisation);
    }

    static QualityReport.Row row(
            QualityMeasure measure, Estimate[] values, Estimate[] reals, Estimate[] noises) {
        Estimate real = Estimate.mean(reals);
        Estimate noise = Estimate.mean(noises);
        boolean ordered = true;
        for (int s = 0; s < reals.length; s++) {
            ordered &= measure.clearlyBetter(reals[s], noises[s]);
        }
        String refused =
                ordered
                        ? null
                        : String.format(
                                Locale.ROOT,
                                "%s cannot tell real images from noise here: %.4g against %.4g",
                                measure.label(),
                                real.value(),
                                noise.value());
        return new QualityReport.Row(
                measure.label(),
                measure.highIsGood(),
                ordered ? Estimate.mean(values) : null,
                ordered ? List.of(values) : List.of(),
                real,
                noise,
                refused);
    }

    private static QualityReport.Memorisation memorisation(
            float[][] training, float[][] real, float[][] others, float[][] samples) {
        float[][] copies = new float[Math.min(training.length, samples.length)][];
        for (int i = 0; i < copies.length; i++) {
            copies[i] = training[(int) ((long) i * training.length / copies.length)];
        }
        double realClose = MemorisationCheck.of(training, real, others).closeShare();
        double copiesClose = MemorisationCheck.of(training, real, copies).closeShare();
        MemorisationCheck found = MemorisationCheck.of(training, real, samples);
        boolean ordered = copiesClose >= COPIES_SEEN && realClose < copiesClose / 2;
        return new QualityReport.Memorisation(
                training.length,
                ordered ? found.medianRatio() : null,
                ordered ? found.closeShare() : null,
                realClose,
                copiesClose,
                ordered
                        ? null
                        : String.format(
                                Locale.ROOT,
                                "memorisation cannot tell other images from copies here: close"
                                        + " share %.3f against %.3f",
                                realClose,
                                copiesClose));
    }

    /** Uniform noise as images, u8 planar: what every measure must tell from real images. */
    public static List<byte[]> noise(ImageShape shape, int count) {
        UniformNoise noise = new UniformNoise();
        float[] pixels = new float[shape.size()];
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            noise.fill(NOISE_SEED, i, 0, pixels, 0, pixels.length);
            images.add(Image.fromFloat(shape, pixels, 0).pixels());
        }
        return images;
    }
}
