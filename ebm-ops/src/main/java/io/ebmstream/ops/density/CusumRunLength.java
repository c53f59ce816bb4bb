package io.ebmstream.ops.density;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Expected steps until a two-sided cumulative sum of independent N(0, 1) numbers passes a
 * threshold, from sums of 0:
 *
 * <pre>
 * S+ <- max(0, S+ + q - k)        S- <- max(0, S- - q - k)        until one exceeds h
 * </pre>
 *
 * <p>A sum is a Markov chain on [0, h], cut into {@link #CELLS} cells; with R the chances to go
 * from cell to cell, the expected steps L solve (I - R) L = 1 (Brook, Evans 1972, "An approach to
 * the probability distribution of CUSUM run length"). Both sums together take half as long, because
 * with k of at least 0 they are never both above 0 for long (van Dobben de Bruyn 1968). Stateless,
 * thread-safe.
 */
final class CusumRunLength {
    /** Cells of the chain; twice as many change the result by less than 1 %. */
    private static final int CELLS = 64;

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /** Halvings of the interval in which the threshold lies. */
    private static final int HALVINGS = 26;

    private static final double MOST_THRESHOLD = 64;

    private CusumRunLength() {}

    /**
     * @param k allowance, at least 0
     * @param h threshold, above 0
     */
    static double expected(double k, double h) {
        double width = 2 * h / (2 * CELLS - 1);
        double[] below = new double[2 * CELLS];
        for (int d = -CELLS; d < CELLS; d++) {
            below[d + CELLS] = NORMAL.cumulativeProbability((d + 0.5) * width + k);
        }
        double[][] rows = new double[CELLS][CELLS + 1];
        for (int i = 0; i < CELLS; i++) {
            for (int j = 0; j < CELLS; j++) {
                double to = below[j - i + CELLS];
                // the first cell has all that would fall below 0
                rows[i][j] = (i == j ? 1 : 0) - (j == 0 ? to : to - below[j - i + CELLS - 1]);
            }
            rows[i][CELLS] = 1;
        }
        return solveFirst(rows) / 2;
    }

    /**
     * The threshold that gives a run length.
     *
     * @param k allowance, at least 0
     * @param runLength expected steps, at least 1
     */
    static double threshold(double k, double runLength) {
        double low = 0;
        double high = MOST_THRESHOLD;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            // beyond what the sums can tell from infinity, the chain's equations are singular
            double steps = expected(k, middle);
            if (steps >= 0 && steps < runLength) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** First unknown of a diagonally dominant system, by elimination from the last. */
    private static double solveFirst(double[][] rows) {
        int n = rows.length;
        for (int p = n - 1; p > 0; p--) {
            for (int i = 0; i < p; i++) {
                double factor = rows[i][p] / rows[p][p];
                for (int j = 0; j < p; j++) {
                    rows[i][j] -= factor * rows[p][j];
                }
                rows[i][n] -= factor * rows[p][n];
            }
        }
        return rows[0][n] / rows[0][0];
    }
}
