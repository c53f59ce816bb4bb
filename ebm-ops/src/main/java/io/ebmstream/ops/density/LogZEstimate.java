package io.ebmstream.ops.density;

/**
 * An estimate of log Z, natural logarithm.
 *
 * @param value log of the mean weight
 * @param low lower end of the 95 % interval
 * @param high upper end
 * @param ess chains that the weights are worth, 1 to n: near 1 a single chain decides, and value
 *     and interval are likely too low
 * @param acceptance mean share of accepted steps, 0 to 1
 * @param meanEnergy mean E where the chains end: far above that of images, they have not found
 *     where images are, and log Z is far too low
 * @param logWeights log weight of every chain
 */
public record LogZEstimate(
        double value,
        double low,
        double high,
        double ess,
        double acceptance,
        double meanEnergy,
        double[] logWeights) {
    /** Effective chains below which an estimate is not to be relied on. */
    public static final double LEAST_ESS = 5;

    private static final double PIXEL_LEVELS = 255;

    /** Whether enough chains carry the estimate. */
    public boolean reliable() {
        return ess >= LEAST_ESS;
    }

    /**
     * Bits per dimension of an image of 8-bit pixels: its probability is the density times the
     * volume that its pixels round to, 2/255 a side.
     *
     * <pre>bits = (E(x) + log Z - d log(2/255)) / (d log 2)</pre>
     *
     * @param energy E(x), in units of temperature 1
     * @param logZ log Z: {@link #value}, or an end of its interval
     * @param dimensions d
     */
    public static double bitsPerDimension(double energy, double logZ, int dimensions) {
        return (energy + logZ - dimensions * Math.log(2 / PIXEL_LEVELS))
                / (dimensions * Math.log(2));
    }
}
