package io.ebmstream.job.kafka;

/**
 * A record on its way to Kafka.
 *
 * @param topic topic it goes to
 * @param key key bytes; null for none
 * @param value value bytes; null for a tombstone
 * @param headerNames names of its headers
 * @param headerValues values of its headers, in the same order
 */
public record OutgoingRecord(
        String topic, byte[] key, byte[] value, String[] headerNames, byte[][] headerValues) {
    private static final String[] NO_NAMES = {};
    private static final byte[][] NO_VALUES = {};

    /** Without headers. */
    public static OutgoingRecord of(String topic, byte[] key, byte[] value) {
        return new OutgoingRecord(topic, key, value, NO_NAMES, NO_VALUES);
    }
}
