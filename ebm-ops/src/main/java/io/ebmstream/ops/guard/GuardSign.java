package io.ebmstream.ops.guard;

import java.util.Locale;

/** What a guard rail saw. */
public enum GuardSign {
    /** A loss, gradient, weight or chain is not finite. */
    NOT_FINITE,
    /** d stays far from 0 on one side. */
    DIFFERENCE,
    /** d falls steadily: data lack spread in some direction. */
    COLLAPSE,
    /** rho is too large or too small for long. */
    DISPLACEMENT,
    /** Energies outgrow all before. */
    ENERGY_GROWTH,
    /** d swings from update to update: the model moves too fast for its chains. */
    OSCILLATION,
    /** Chains have left the range of pixels. */
    OUT_OF_RANGE,
    /** More chain pixels are saturated than the noised data's. */
    SATURATION,
    /** The bank's images have become alike. */
    DIVERSITY,
    /** Too many roll-backs. */
    ROLL_BACKS;

    /** Name in reports and metrics: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
