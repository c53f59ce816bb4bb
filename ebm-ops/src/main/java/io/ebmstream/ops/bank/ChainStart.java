package io.ebmstream.ops.bank;

import java.util.Locale;

/** Where the negative chains of an update start (the life cycle, arXiv 2205.12243). */
public enum ChainStart {
    /** Uniform noise in [-1, 1], fresh in each update. */
    NOISE(false, Source.NOISE),
    /** Data images, fresh in each update (contrastive divergence). */
    DATA(false, Source.DATA),
    /** A bank of persistent chains, rejuvenated from uniform noise. */
    PERSISTENT(true, Source.NOISE),
    /** A bank of persistent chains, rejuvenated from data images. */
    DATA_PERSISTENT(true, Source.DATA),
    /** Generator output G(z) with z ~ N(0, I), fresh in each update. */
    COOP(false, Source.GENERATOR),
    /** A bank of pairs of latents and chains, rejuvenated by a new z and x = G(z). */
    COOP_PERSISTENT(true, Source.GENERATOR);

    private enum Source {
        NOISE,
        DATA,
        GENERATOR
    }

    private final boolean persistent;
    private final Source source;

    ChainStart(boolean persistent, Source source) {
        this.persistent = persistent;
        this.source = source;
    }

    /** Whether chains live on in a bank. */
    public boolean persistent() {
        return persistent;
    }

    /** Whether chains start from data images. */
    public boolean fromData() {
        return source == Source.DATA;
    }

    /** Whether chains start from a generator's images. */
    public boolean fromGenerator() {
        return source == Source.GENERATOR;
    }

    /** Name in configuration and reports: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
