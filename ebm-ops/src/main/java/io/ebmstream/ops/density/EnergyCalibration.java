package io.ebmstream.ops.density;

import java.util.Arrays;

/**
 * Puts energies of different model versions on one scale: v = (energy - mean) / spread of the
 * version's energies of a fixed set of anchor images (ALGORITHMS section 6). A value, thread-safe.
 *
 * @param mean mean energy of the anchors
 * @param spread their standard deviation, above 0
 */
public record EnergyCalibration(double mean, double spread) {
    /** Spread of anchors that are all alike: the scale is then that of the energies. */
    private static final double NO_SPREAD = 1;

    /**
     * @throws IllegalArgumentException if a value is not finite or the spread not above 0
     */
    public EnergyCalibration {
        if (!Double.isFinite(mean) || !Double.isFinite(spread) || spread <= 0) {
            throw new IllegalArgumentException(
                    "expected a finite mean and a spread above 0, found "
                            + mean
                            + " and "
                            + spread);
        }
    }

    /**
     * @param anchorEnergies U(x)/T of the anchors, at least 2
     */
    public static EnergyCalibration of(double[] anchorEnergies) {
        if (anchorEnergies.length < 2) {
            throw new IllegalArgumentException(
                    "expected energies of at least 2 anchors, found " + anchorEnergies.length);
        }
        double mean = 0;
        for (double energy : anchorEnergies) {
            mean += energy;
        }
        mean /= anchorEnergies.length;
        double squares = 0;
        for (double energy : anchorEnergies) {
            squares += (energy - mean) * (energy - mean);
        }
        double spread = Math.sqrt(squares / (anchorEnergies.length - 1));
        return new EnergyCalibration(mean, spread > 0 ? spread : NO_SPREAD);
    }

    /**
     * That of anchors; null where they say nothing: there are none, fewer than 2, or one has an
     * energy that is not finite.
     *
     * @param anchorEnergies U(x)/T of the anchors, or null
     */
    public static EnergyCalibration known(double[] anchorEnergies) {
        return anchorEnergies == null
                        || anchorEnergies.length < 2
                        || !Arrays.stream(anchorEnergies).allMatch(Double::isFinite)
                ? null
                : of(anchorEnergies);
    }

    /** The energy in anchor spreads above the anchors' mean. */
    public double calibrate(double energy) {
        return (energy - mean) / spread;
    }
}
