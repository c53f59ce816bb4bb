package io.ebmstream.ops.quality;

import java.util.Arrays;

/**
 * Density and coverage of samples y beside real images x (Naeem, Oh, Uh, Choi, Yoo 2020, arXiv
 * 2002.09797, equations 5 and 6). With B_i the ball around x_i that reaches to its k-th nearest
 * real neighbour:
 *
 * <pre>
 * density  = sum_{i, j} 1[y_j in B_i] / (k M)      around 1 for samples like the real images
 * coverage = share of the B_i with a y_j inside    around 1 - 2^-k for as many such samples
 * </pre>
 *
 * Density falls with implausible samples, coverage with missing kinds.
 *
 * @param density at least 0, not bounded by 1
 * @param coverage in [0, 1]
 */
public record DensityCoverage(double density, double coverage) {
    /** The paper's k. */
    public static final int DEFAULT_NEIGHBOURS = 5;

    /**
     * Compares two sets of features.
     *
     * @param real one row for each image
     * @param samples one row for each image
     * @param neighbours k, at least 1 and fewer than real images
     * @throws IllegalArgumentException if k is out of range or there are no samples
     */
    public static DensityCoverage of(float[][] real, float[][] samples, int neighbours) {
        if (neighbours < 1 || neighbours >= real.length || samples.length == 0) {
            throw new IllegalArgumentException(
                    "expected samples, and neighbours from 1 to one less than the real images,"
                            + " found "
                            + samples.length
                            + " samples, "
                            + neighbours
                            + " neighbours and "
                            + real.length
                            + " real images");
        }
        long inside = 0;
        int covered = 0;
        double[] distances = new double[real.length];
        for (float[] centre : real) {
            for (int j = 0; j < real.length; j++) {
                distances[j] = Distances.squared(centre, real[j]);
            }
            Arrays.sort(distances);
            // The nearest one is the centre itself.
            double radius = distances[neighbours];
            int hits = 0;
            for (float[] sample : samples) {
                hits += Distances.squared(centre, sample) <= radius ? 1 : 0;
            }
            inside += hits;
            covered += hits > 0 ? 1 : 0;
        }
        return new DensityCoverage(
                (double) inside / ((double) neighbours * samples.length),
                (double) covered / real.length);
    }
}
