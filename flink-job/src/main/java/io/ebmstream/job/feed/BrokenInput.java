package io.ebmstream.job.feed;

import java.util.Locale;

/** What can be wrong with a record of the image topic; each kind must become a dead letter. */
public enum BrokenInput {
    /** A JPEG file that ends in the middle of its pixels. */
    TRUNCATED_JPEG,
    /** A valid image of other dimensions than the model's. */
    WRONG_DIMENSIONS,
    /** Float pixels among which are NaN and infinity. */
    NOT_A_NUMBER,
    /** A small PNG file that would unpack to 268 million pixels. */
    DECOMPRESSION_BOMB,
    /** Bytes without meaning. */
    RANDOM_BYTES,
    /** A record of a schema that nobody knows. */
    UNKNOWN_SCHEMA;

    /** Name in reports. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
