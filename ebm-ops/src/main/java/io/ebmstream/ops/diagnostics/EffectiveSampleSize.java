package io.ebmstream.ops.diagnostics;

/**
 * How many independent draws the draws of several chains are worth (Vehtari, Gelman, Simpson,
 * Carpenter, Buerkner 2021, arXiv 1903.08008, section 3.2):
 *
 * <pre>ESS = M N / tau,   tau = -1 + 2 sum_k P_k,   P_k = rho_2k + rho_2k+1</pre>
 *
 * with M chains of N draws; rho is the autocorrelation that also counts what keeps chains apart,
 * {@code rho_t = 1 - (W - mean autocovariance at t) / var+}, and the sum ends at the first pair
 * that is negative, pairs made falling (Geyer 1992). Chains that disagree, or hardly move, have a
 * small one. Stateless, thread-safe.
 */
public final class EffectiveSampleSize {
    /** Draws that a chain must have. */
    public static final int LEAST_DRAWS = 4;

    private EffectiveSampleSize() {}

    /**
     * The effective number of draws, in (0, M N log10(M N)]: draws that alternate may be worth more
     * than their number, within that bound. NaN if nothing varies.
     *
     * @param chains draws[chain][time], all of one length of at least {@link #LEAST_DRAWS}
     * @throws IllegalArgumentException if there are too few draws, or chains differ in length
     */
    public static double of(double[][] chains) {
        int n = Draws2d.length(chains, LEAST_DRAWS);
        int m = chains.length;
        double[] means = new double[m];
        double within = 0;
        for (int i = 0; i < m; i++) {
            means[i] = Draws2d.mean(chains[i]);
            within += autocovariance(chains[i], means[i], 0) * n / (n - 1) / m;
        }
        double plus = within * (n - 1) / n + Draws2d.varianceOfMeans(chains);
        if (plus == 0) {
            return Double.NaN;
        }
        double sum = 0;
        double last = Double.POSITIVE_INFINITY;
        for (int t = 0; t + 1 < n; t += 2) {
            double pair =
                    rho(chains, means, t, within, plus) + rho(chains, means, t + 1, within, plus);
            if (pair < 0) {
                break;
            }
            last = Math.min(last, pair);
            sum += last;
        }
        double total = (double) m * n;
        // a sum below 1/2, of draws that alternate, is a matter of few draws: bounded as in Stan
        return total / Math.max(2 * sum - 1, 1 / Math.log10(total));
    }

    private static double rho(
            double[][] chains, double[] means, int lag, double within, double plus) {
        if (lag == 0) {
            return 1;
        }
        double mean = 0;
        for (int i = 0; i < chains.length; i++) {
            mean += autocovariance(chains[i], means[i], lag) / chains.length;
        }
        return 1 - (within - mean) / plus;
    }

    /** A sum over the draws, divided by their number at every lag. */
    private static double autocovariance(double[] chain, double mean, int lag) {
        int n = chain.length;
        double sum = 0;
        for (int t = 0; t + lag < n; t++) {
            sum += (chain[t] - mean) * (chain[t + lag] - mean);
        }
        return sum / n;
    }
}
