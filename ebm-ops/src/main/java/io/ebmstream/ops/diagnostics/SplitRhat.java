package io.ebmstream.ops.diagnostics;

import java.util.Arrays;

/**
 * Split R-hat: do the halves of some chains look alike (Gelman et al. 2013, "Bayesian Data
 * Analysis", section 11.4; Vehtari, Gelman, Simpson, Carpenter, Buerkner 2021, arXiv 1903.08008,
 * section 3.1)? Each chain is cut into halves of N draws, which count as chains of their own;
 *
 * <pre>R = sqrt(((N - 1) / N W + V) / W)</pre>
 *
 * with W the mean variance within the halves and V the variance between their means. Around 1 where
 * nothing drifts and chains agree; a trend makes it larger. Stateless, thread-safe.
 */
public final class SplitRhat {
    /** Draws that a chain must have. */
    public static final int LEAST_DRAWS = 4;

    private SplitRhat() {}

    /**
     * Measures one quantity.
     *
     * @param chains draws[chain][time], all of one length of at least {@link #LEAST_DRAWS}; of an
     *     odd number the first draw is left out
     * @return R, or NaN if nothing varies within the halves
     * @throws IllegalArgumentException if there are too few draws, or chains differ in length
     */
    public static double of(double[][] chains) {
        int length = Draws2d.length(chains, LEAST_DRAWS);
        int half = length / 2;
        double[][] halves = new double[2 * chains.length][];
        double within = 0;
        for (int i = 0; i < chains.length; i++) {
            halves[2 * i] = Arrays.copyOfRange(chains[i], length - 2 * half, length - half);
            halves[2 * i + 1] = Arrays.copyOfRange(chains[i], length - half, length);
            within +=
                    (Draws2d.variance(halves[2 * i]) + Draws2d.variance(halves[2 * i + 1]))
                            / halves.length;
        }
        double plus = within * (half - 1) / half + Draws2d.varianceOfMeans(halves);
        return within == 0 ? Double.NaN : Math.sqrt(plus / within);
    }
}
