package io.ebmstream.ops.defense;

/**
 * When runs end early, for weights that are not there yet: every version has its own level of the
 * energy. {@link #stop} makes an {@link EarlyStop} of it.
 *
 * @param level U/T that ends a run under any weights; NaN for a quantile of the energies that the
 *     weights' own chains have
 * @param quantile of these energies, in [0, 1]; the higher, the earlier runs end
 * @param first steps before the first look, at least 1
 * @param every steps between looks, at least 1
 */
public record StopRule(double level, double quantile, int first, int every) {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public StopRule {
        if (!(quantile >= 0 && quantile <= 1) || Double.isInfinite(level)) {
            throw new IllegalArgumentException(
                    "expected a finite energy or none and a quantile from 0 to 1, found "
                            + level
                            + " and "
                            + quantile);
        }
        new EarlyStop(0, first, every);
    }

    /**
     * When runs end under some weights; null for after all their steps, where there is neither a
     * level nor a chain to take it from.
     *
     * @param chainEnergies U/T of chains of these weights, ascending; may be none
     */
    public EarlyStop stop(double[] chainEnergies) {
        if (!Double.isNaN(level)) {
            return new EarlyStop(level, first, every);
        }
        return chainEnergies.length == 0
                ? null
                : new EarlyStop(quantile(chainEnergies, quantile), first, every);
    }

    /**
     * The energy whose place is nearest to a quantile's.
     *
     * @param energies at least one, ascending
     * @param quantile in [0, 1]
     */
    public static double quantile(double[] energies, double quantile) {
        return energies[(int) Math.round(quantile * (energies.length - 1))];
    }
}
