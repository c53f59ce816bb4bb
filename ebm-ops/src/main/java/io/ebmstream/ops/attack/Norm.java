package io.ebmstream.ops.attack;

import java.util.Locale;

/** How the size of a perturbation is measured. */
public enum Norm {
    /** Largest change of a pixel. */
    LINF,
    /** Root of the sum of squared changes. */
    L2;

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
