package io.ebmstream.ops.diagnostics;

/**
 * Nested R-hat: have many short chains forgotten where they started (Margossian, Hoffman, Sountsov,
 * Riou-Durand, Vehtari, Gelman 2022, arXiv 2110.13017)? Chains are grouped in superchains; all
 * chains of a superchain start at one point, each superchain at another. Of K superchains with M
 * chains of N draws,
 *
 * <pre>
 * B    = variance between the K means of superchains
 * W    = mean over superchains of (variance between its M chains' means
 *                                  + mean variance within its chains)
 * nR^2 = 1 + B / W
 * </pre>
 *
 * A variance of a single value counts 0, so that N = 1 is allowed. Chains that have forgotten their
 * start have nR^2 around 1 + 1 / M (N = 1) or below; a start that still shows makes it larger.
 *
 * @param value nR, at least 1; NaN if nothing varies
 * @param bound nR of independent draws, sqrt(1 + 1 / M), with {@link #TOLERANCE} more below the
 *     root
 */
public record NestedRhat(double value, double bound) {
    /** What B / W may be above that of independent draws. */
    public static final double TOLERANCE = 0.05;

    /** Whether the chains have forgotten where they started. */
    public boolean converged() {
        return value <= bound;
    }

    /**
     * Measures one quantity.
     *
     * @param draws draws[superchain][chain][time], at least 2 superchains of at least 2 chains, all
     *     of one number of chains and of draws
     * @throws IllegalArgumentException if there are fewer, or they differ in number
     */
    public static NestedRhat of(double[][][] draws) {
        int chains = draws.length < 2 ? 0 : draws[0].length;
        double[] means = new double[draws.length];
        double within = 0;
        for (int k = 0; k < draws.length; k++) {
            if (chains < 2 || draws[k].length != chains) {
                throw new IllegalArgumentException(
                        "expected superchains of one number of chains, at least 2, found "
                                + draws[k].length
                                + " and "
                                + chains);
            }
            Draws2d.length(draws[k], 1);
            double inside = Draws2d.varianceOfMeans(draws[k]);
            for (double[] chain : draws[k]) {
                means[k] += Draws2d.mean(chain) / chains;
                inside += Draws2d.variance(chain) / chains;
            }
            within += inside / draws.length;
        }
        if (draws.length < 2) {
            throw new IllegalArgumentException(
                    "expected at least 2 superchains, found " + draws.length);
        }
        double between = Draws2d.variance(means);
        double value = within == 0 && between == 0 ? Double.NaN : Math.sqrt(1 + between / within);
        return new NestedRhat(value, Math.sqrt(1 + 1.0 / chains + TOLERANCE));
    }
}
