package io.ebmstream.job.replay;

/** What a replay says of a record. */
public enum Verdict {
    /** Every field came out the same, bit for bit. */
    EQUAL,
    /** It was computed with what the record names, and something came out otherwise. */
    DIFFERENT,
    /** What the record names is not at hand: it could not be computed. */
    NOT_REPRODUCIBLE
}
