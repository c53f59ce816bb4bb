package io.ebmstream.ops.bank;

import java.util.Locale;

/** Where the negative chains of an update start (the life cycle, arXiv 2205.12243). */
public enum ChainStart {
    /** Uniform noise in [-1, 1], fresh in each update. */
    NOISE(false, false),
    /** Data images, fresh in each update (contrastive divergence). */
    DATA(false, true),
    /** A bank of persistent chains, rejuvenated from uniform noise. */
    PERSISTENT(true, false),
    /** A bank of persistent chains, rejuvenated from data images. */
    DATA_PERSISTENT(true, true);

    private final boolean persistent;
    private final boolean data;

    ChainStart(boolean persistent, boolean data) {
        this.persistent = persistent;
        this.data = data;
    }

    /** Whether chains live on in a bank. */
    public boolean persistent() {
        return persistent;
    }

    /** Whether chains start from data images rather than from noise. */
    public boolean fromData() {
        return data;
    }

    /** Name in configuration and reports: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
