package io.ebmstream.ops.gate;

import java.util.Locale;

/** What a version is examined for, in this order. */
public enum GateCheck {
    /** Weights and energies are finite. */
    FINITE,
    /** Energies of the anchors are as far apart as those of the version before. */
    SPREAD,
    /** Chains have energies like those of the anchors. */
    SEPARATION,
    /** Chains are within the range of pixels. */
    CHAINS,
    /** Langevin steps leave the anchors where they are, but for their noise. */
    MOTION;

    /** Name in events: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
