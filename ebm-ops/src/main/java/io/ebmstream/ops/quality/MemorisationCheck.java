package io.ebmstream.ops.quality;

import java.util.Arrays;

/**
 * Do samples repeat training images? Every sample's distance to its nearest training image, beside
 * the same distance of real images that were not trained on: samples that lie nearer to the
 * training set than real images do are copies.
 *
 * @param medianRatio median distance of the samples over that of the held-out images; around 1 or
 *     above for samples that are new
 * @param closeShare share of the samples that are nearer than all but {@link #TAIL} of the held-out
 *     images; around {@link #TAIL} for samples like real images
 */
public record MemorisationCheck(double medianRatio, double closeShare) {
    /** Share of the held-out images that sets the bound. */
    public static final double TAIL = 0.05;

    /**
     * Compares rows of features, or of pixels.
     *
     * @throws IllegalArgumentException if a set is empty
     */
    public static MemorisationCheck of(float[][] training, float[][] heldOut, float[][] samples) {
        if (training.length == 0 || heldOut.length == 0 || samples.length == 0) {
            throw new IllegalArgumentException(
                    "expected training images, held-out images and samples, found "
                            + training.length
                            + ", "
                            + heldOut.length
                            + " and "
                            + samples.length);
        }
        double[] real = nearest(training, heldOut);
        double[] found = nearest(training, samples);
        double bound = real[(int) (TAIL * real.length)];
        double close = Arrays.stream(found).filter(distance -> distance < bound).count();
        return new MemorisationCheck(
                found[found.length / 2] / real[real.length / 2], close / found.length);
    }

    /** Sorted distances of rows to their nearest training row. */
    private static double[] nearest(float[][] training, float[][] rows) {
        double[] distances = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            double least = Double.POSITIVE_INFINITY;
            for (float[] known : training) {
                least = Math.min(least, Distances.squared(rows[i], known));
            }
            distances[i] = Math.sqrt(least);
        }
        Arrays.sort(distances);
        return distances;
    }
}
