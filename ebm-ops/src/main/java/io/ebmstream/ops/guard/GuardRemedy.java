package io.ebmstream.ops.guard;

import java.util.Locale;

/** What is done about a sign, from mild to grave. */
public enum GuardRemedy {
    /** Nothing but saying so. */
    WARN,
    /** The update is dropped: weights and bank stay as they were. */
    DROP,
    /** Half the learning rate and twice the Langevin steps for a while. */
    EASE,
    /** The time of easing is over. */
    RESUME,
    /** A lower learning rate from now on. */
    SLOW,
    /** More noise on data and a lower learning rate from now on. */
    SOFTEN,
    /** The chains out of range restart. */
    RESTART_CHAINS,
    /** Chains restart more often. */
    REFRESH,
    /** Chains restart as often as configured again. */
    SETTLE,
    /** Everything returns to the last good state and goes on with other random numbers. */
    ROLL_BACK,
    /** Learning stops; what was published last goes on serving. */
    FREEZE;

    /** Name in reports and metrics: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
