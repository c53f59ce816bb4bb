package io.ebmstream.job.config;

import io.ebmstream.job.kafka.SecretReferences;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * How the job talks to Kafka.
 *
 * @param bootstrap brokers to begin with, host:port with commas
 * @param group consumer group
 * @param start where to begin without a checkpoint
 * @param guarantee guarantee of all outputs
 * @param transactionPrefix begin of all transactional ids
 * @param transactionTimeout how long a transaction may stay open
 * @param clients settings of the Kafka clients without the prefix {@code kafka.}; values may refer
 *     to secrets, see {@link SecretReferences}
 */
public record KafkaSettings(
        String bootstrap,
        String group,
        StartOffsets start,
        DeliveryGuarantee guarantee,
        String transactionPrefix,
        Duration transactionTimeout,
        Map<String, String> clients)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public KafkaSettings {
        clients = SecretReferences.enabled(clients);
    }

    /** {@link #clients()} with the brokers' address, for Kafka's own clients. */
    public Properties properties() {
        Properties p = new Properties();
        p.putAll(clients);
        p.setProperty("bootstrap.servers", bootstrap);
        return p;
    }
}
