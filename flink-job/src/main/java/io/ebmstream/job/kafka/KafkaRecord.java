package io.ebmstream.job.kafka;

/**
 * A record as it was read from Kafka, bytes untouched.
 *
 * @param topic topic it was read from
 * @param partition partition, 0 or more
 * @param offset offset within the partition, 0 or more
 * @param timestamp Kafka's timestamp, milliseconds since 1970-01-01 UTC; -1 where there is none
 * @param key key bytes; null where the record has none
 * @param value value bytes; null for a tombstone
 * @param headerNames names of the record's headers, in their order
 * @param headerValues values of the headers, in the same order
 */
public record KafkaRecord(
        String topic,
        int partition,
        long offset,
        long timestamp,
        byte[] key,
        byte[] value,
        String[] headerNames,
        byte[][] headerValues) {}
