package io.ebmstream.job.kafka;

import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;

/** What all producers of records begin with, unless their user says otherwise. */
public final class ProducerDefaults {
    private ProducerDefaults() {}

    /**
     * Fills in what is not set yet: every record acknowledged by all replicas, and one request on
     * its way at a time. With several, a broker that has just become a partition's leader may
     * refuse the first and take the second; it then refuses the first for good as out of order,
     * also from an idempotent producer, and its records are lost (Kafka issue KAFKA-15591).
     */
    public static void fill(Properties settings) {
        settings.putIfAbsent(ProducerConfig.ACKS_CONFIG, "all");
        settings.putIfAbsent(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    }
}
