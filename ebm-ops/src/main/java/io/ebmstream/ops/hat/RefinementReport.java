package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.quality.ReferenceMmd;
import java.util.List;

/**
 * What refinement did to samples, on average over them.
 *
 * @param count samples
 * @param energyBefore mean U/T of G(z)
 * @param energyAfter mean U/T of G(z_K) + r_K
 * @param displacement mean distance between the two, in pixel units of [-1, 1]
 * @param latentDisplacement mean |z_K - z|
 * @param residual mean |r_K|
 * @param floor distance of held-out images from other held-out images; null without images
 * @param before distance of the samples from held-out images; null without images
 * @param after distance of the refined samples from the same; null without images
 */
public record RefinementReport(
        int count,
        double energyBefore,
        double energyAfter,
        double displacement,
        double latentDisplacement,
        double residual,
        Estimate floor,
        Estimate before,
        Estimate after) {
    /** Images of a block of the distance ({@link ReferenceMmd}), or fewer while there are fewer. */
    private static final int BLOCK = 64;

    /** Least samples and images to measure a distance with. */
    public static final int LEAST = 8;

    /**
     * @param samples u8 planar, as the generator made them
     * @param refined their refinements, in the same order
     * @param heldOut images to measure distances from, of which the first half is the reference;
     *     empty for none, else at least twice {@link #LEAST}
     */
    public static RefinementReport of(
            ImageShape shape,
            Executor executor,
            List<byte[]> samples,
            List<RefinedImage> refined,
            List<byte[]> heldOut) {
        int n = refined.size();
        double[] sums = new double[5];
        for (RefinedImage image : refined) {
            sums[0] += image.energyBefore() / n;
            sums[1] += image.energyAfter() / n;
            sums[2] += image.displacement() / n;
            sums[3] += image.latentDisplacement() / n;
            sums[4] += image.residual() / n;
        }
        Estimate floor = null;
        Estimate before = null;
        Estimate after = null;
        if (!heldOut.isEmpty()) {
            int half = heldOut.size() / 2;
            int block = Math.min(BLOCK, Math.min(half, n) / 2);
            try (ReferenceMmd mmd =
                    new ReferenceMmd(shape, executor, heldOut.subList(0, half), block)) {
                floor = mmd.of(heldOut.subList(half, 2 * half));
                before = mmd.of(samples);
                after = mmd.of(refined.stream().map(RefinedImage::pixels).toList());
            }
        }
        return new RefinementReport(
                n, sums[0], sums[1], sums[2], sums[3], sums[4], floor, before, after);
    }
}
