package io.ebmstream.ops.quality;

import java.util.Arrays;

/**
 * The measures of a quality report. Each compares samples with real images by their features, and
 * says what is better. Those that average over blocks have their interval from the blocks' spread.
 * Thread-safe.
 */
public enum QualityMeasure {
    /** {@link KernelMmd}. */
    MMD("kernel MMD^2", false) {
        @Override
        Estimate estimate(float[][] real, float[][] samples, int block) {
            return KernelMmd.between(real, samples, block);
        }
    },
    /** {@link SlicedWasserstein}. */
    SLICED_WASSERSTEIN("sliced Wasserstein", false) {
        @Override
        Estimate estimate(float[][] real, float[][] samples, int block) {
            return Estimate.ofBlocks(
                    real, samples, block, (x, y) -> SlicedWasserstein.between(x, y, DIRECTIONS, 1));
        }
    },
    /** {@link DensityCoverage#density()}; noise far from everything may have none. */
    DENSITY("density", true) {
        @Override
        Estimate estimate(float[][] real, float[][] samples, int block) {
            return Estimate.ofBlocks(
                    real,
                    samples,
                    block,
                    (x, y) ->
                            DensityCoverage.of(x, y, DensityCoverage.DEFAULT_NEIGHBOURS).density());
        }
    },
    /** {@link DensityCoverage#coverage()}. */
    COVERAGE("coverage", true) {
        @Override
        Estimate estimate(float[][] real, float[][] samples, int block) {
            return Estimate.ofBlocks(
                    real,
                    samples,
                    block,
                    (x, y) ->
                            DensityCoverage.of(x, y, DensityCoverage.DEFAULT_NEIGHBOURS)
                                    .coverage());
        }
    },
    /** {@link TwoSampleClassifier}: its accuracy, 0.5 for samples that it cannot tell apart. */
    CLASSIFIER("two-sample classifier", false) {
        @Override
        Estimate estimate(float[][] real, float[][] samples, int block) {
            int even = Math.min(real.length, samples.length) / 2 * 2;
            TwoSampleClassifier found =
                    TwoSampleClassifier.of(Arrays.copyOf(real, even), Arrays.copyOf(samples, even));
            double p = found.accuracy();
            return new Estimate(p, Math.sqrt(Math.max(p * (1 - p), 0.25 / even) / even));
        }
    };

    private static final int DIRECTIONS = 64;

    private final String label;
    private final boolean highIsGood;

    QualityMeasure(String label, boolean highIsGood) {
        this.label = label;
        this.highIsGood = highIsGood;
    }

    /** Name in reports. */
    public String label() {
        return label;
    }

    /** Whether a higher value is the better one. */
    public boolean highIsGood() {
        return highIsGood;
    }

    /**
     * Compares two sets of features.
     *
     * @param real one row for each image, scaled by {@link FeatureScale}
     * @param samples as many rows
     * @param block rows in a block; at least two blocks
     */
    abstract Estimate estimate(float[][] real, float[][] samples, int block);

    /** Whether {@code a} is better than {@code b} by more than the intervals of both. */
    boolean clearlyBetter(Estimate a, Estimate b) {
        return highIsGood ? a.low() > b.high() : a.high() < b.low();
    }
}
