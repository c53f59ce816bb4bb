package io.ebmstream.ops.study;

import io.ebmstream.ops.quality.Estimate;
import java.util.List;

/**
 * What {@link PrecisionStudy} found.
 *
 * @param realAgainstReal distance between two sets of held-out images: the floor
 * @param realAgainstNoise distance between held-out images and uniform noise
 * @param noisyError mean squared error of the noisy images before any purification, in [-1, 1]
 * @param runs one row for each training run
 */
public record PrecisionReport(
        Estimate realAgainstReal, Estimate realAgainstNoise, double noisyError, List<Row> runs) {
    public PrecisionReport {
        runs = List.copyOf(runs);
    }

    /**
     * One training run.
     *
     * @param seed seed of the learner
     * @param precision it was trained in
     * @param course its second half
     * @param chains distance between its persistent chains and held-out images
     * @param purifiedFloat32 mean squared error of noisy images purified by float32 with its
     *     weights
     * @param purifiedBfloat16 the same by bf16
     * @param cleanFloat32 mean squared change of clean images purified by float32
     * @param onChains bf16 beside float32 at its weights, on its chains: where gradients are used
     * @param onImages the same on held-out images, where gradients are small
     */
    public record Row(
            long seed,
            String precision,
            Course course,
            Estimate chains,
            double purifiedFloat32,
            double purifiedBfloat16,
            double cleanFloat32,
            Agreement onChains,
            Agreement onImages) {}
}
