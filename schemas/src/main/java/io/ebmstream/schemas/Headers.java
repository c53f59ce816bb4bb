package io.ebmstream.schemas;

/**
 * Names of the Kafka headers on what the job writes. Values are UTF-8 text; numbers are decimal.
 *
 * <p>All that begin with {@link #PREFIX} are on dead letters, whose key and value are the
 * original's, byte for byte; but see {@link #OMITTED_BYTES}.
 */
public final class Headers {
    /**
     * On a purified image: what computed it, as architecture, instruction set, executor and
     * precision, for example {@code amd64/avx512_core onednn/float32}. The same words promise the
     * same bits.
     */
    public static final String DEVICE = "__ebm.device";

    /**
     * On a purified image whose energy lies far from those of the images that its model knows: by
     * how many spreads, with the sign, for example {@code 14.2}. Absent on all others.
     */
    public static final String OUTLIER = "__ebm.outlier";

    /**
     * On an image that was a dead letter and has been sent again: the dead letter's topic,
     * partition and offset, with slashes between them. Nothing is sent twice from one place.
     */
    public static final String REPLAYED = "__ebm.replayed";

    /** What the names of all headers on a dead letter begin with. */
    public static final String PREFIX = "__ebm.errors.";

    /** Step that refused the record, for example {@code decode}. */
    public static final String STAGE = PREFIX + "stage";

    /** Class name of the error. */
    public static final String CLASS = PREFIX + "class";

    /** Message of the error: what was expected and what was found. */
    public static final String MESSAGE = PREFIX + "message";

    /** Topic that the record came from. */
    public static final String TOPIC = PREFIX + "topic";

    /** Partition that the record came from. */
    public static final String PARTITION = PREFIX + "partition";

    /** Offset of the record in its partition. */
    public static final String OFFSET = PREFIX + "offset";

    /** Kafka timestamp of the original record, milliseconds since 1970-01-01 UTC. */
    public static final String TIMESTAMP = PREFIX + "timestamp";

    /**
     * Bytes of an original that is too large for the dead letters' topic: key and value are then
     * absent, and the original can be read at its topic, partition and offset while it is kept.
     */
    public static final String OMITTED_BYTES = PREFIX + "omitted-bytes";

    private Headers() {}
}
