package io.ebmstream.ops.density;

import java.util.Arrays;

/**
 * Where the energies of known images lie under one set of weights, by median and median absolute
 * deviation, which a few outliers among them do not move:
 *
 * <pre>deviation(U) = (U - median) / (1.4826 MAD)</pre>
 *
 * <p>1.4826 makes the spread of normally distributed energies their standard deviation. An image
 * far out on either side is not of the kind that the model knows: too high is unlikely, and far too
 * low is what an energy that was never trained there may say of flat or saturated images.
 *
 * @param centre median of U/T
 * @param spread 1.4826 times the median absolute deviation; 0 where nothing is known, and then
 *     nothing is far out
 */
public record EnergyRange(double centre, double spread) {
    /** Nothing is known yet: every image is within. */
    public static final EnergyRange UNKNOWN = new EnergyRange(0, 0);

    private static final double NORMAL = 1.4826;

    /**
     * @throws IllegalArgumentException if the spread is negative or a value not finite
     */
    public EnergyRange {
        if (!(spread >= 0) || !Double.isFinite(spread) || !Double.isFinite(centre)) {
            throw new IllegalArgumentException(
                    "expected a finite centre and a spread of at least 0, found "
                            + centre
                            + " and "
                            + spread);
        }
    }

    /** That of some energies; {@link #UNKNOWN} if there are none or one is not finite. */
    public static EnergyRange of(double[] energies) {
        if (energies.length == 0 || !Arrays.stream(energies).allMatch(Double::isFinite)) {
            return UNKNOWN;
        }
        double centre = median(energies);
        double[] distances = Arrays.stream(energies).map(e -> Math.abs(e - centre)).toArray();
        return new EnergyRange(centre, NORMAL * median(distances));
    }

    /** Of an even number the mean of the middle two. */
    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** How many spreads an energy lies from the centre, with its sign; 0 where nothing is known. */
    public double deviation(double energy) {
        return spread > 0 ? (energy - centre) / spread : 0;
    }

    /**
     * Whether an energy is too far out.
     *
     * @param limit deviations that are allowed on either side; 0 allows all
     */
    public boolean outside(double energy, double limit) {
        return limit > 0 && spread > 0 && !(Math.abs(deviation(energy)) <= limit);
    }
}
