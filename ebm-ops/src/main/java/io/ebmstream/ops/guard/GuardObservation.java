package io.ebmstream.ops.guard;

/**
 * What the guard rails look at after an update. A number that was not measured is NaN; one that
 * matters for {@code fault} is told there.
 *
 * @param update completed updates with this one
 * @param fault what was not finite, so that the update was dropped; null if all was finite
 * @param energyDifference d = (mean U(x+) - mean U(x-)) / T
 * @param rho r / (eps sqrt(c h w))
 * @param energy mean |U|/T over data and chains
 * @param chainsOutOfRange share of chains that are out of range
 * @param saturatedChains share of chain pixels beyond 1.1
 * @param saturatedData share of noised data pixels beyond 1.1
 * @param chainDiversity mean pairwise feature distance of chains in the bank
 * @param dataDiversity the same of data images
 */
public record GuardObservation(
        long update,
        String fault,
        double energyDifference,
        double rho,
        double energy,
        double chainsOutOfRange,
        double saturatedChains,
        double saturatedData,
        double chainDiversity,
        double dataDiversity) {

    /** An update with the numbers that every update has. */
    public static GuardObservation of(
            long update, double energyDifference, double rho, double energy, double outOfRange) {
        return new GuardObservation(
                update,
                null,
                energyDifference,
                rho,
                energy,
                outOfRange,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN);
    }

    /** An update that was dropped. */
    public static GuardObservation dropped(long update, String fault) {
        double none = Double.NaN;
        return new GuardObservation(update, fault, none, none, none, none, none, none, none, none);
    }

    /** With the shares of saturated pixels. */
    public GuardObservation withSaturation(double chains, double data) {
        return new GuardObservation(
                update,
                fault,
                energyDifference,
                rho,
                energy,
                chainsOutOfRange,
                chains,
                data,
                chainDiversity,
                dataDiversity);
    }

    /** With the diversity of bank and data. */
    public GuardObservation withDiversity(double chains, double data) {
        return new GuardObservation(
                update,
                fault,
                energyDifference,
                rho,
                energy,
                chainsOutOfRange,
                saturatedChains,
                saturatedData,
                chains,
                data);
    }
}
