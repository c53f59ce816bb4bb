package io.ebmstream.job.kafka;

import io.ebmstream.job.broker.JobTopics;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Makes the job's Kafka sinks.
 *
 * <p>Exactly once: records become visible to {@code read_committed} consumers when the checkpoint
 * that covers them completes, each record once, also across failures. Data is lost only if the job
 * stays down for longer than the transaction timeout between a checkpoint and its commit: the
 * broker then aborts the open transaction. At least once: visible at once, with repeats after a
 * failure.
 *
 * @param bootstrapServers brokers, {@code host:port,...}
 * @param guarantee exactly once needs transactions, the others none
 * @param idPrefix prefix of all transactional ids of this job, unique among jobs on the cluster
 * @param transactionTimeout at most the broker's {@code transaction.max.timeout.ms} (15 minutes by
 *     default)
 * @param producer further producer settings
 */
public record KafkaSinks(
        String bootstrapServers,
        DeliveryGuarantee guarantee,
        String idPrefix,
        Duration transactionTimeout,
        Map<String, String> producer)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int BATCH_BYTES = 256 << 10;

    /**
     * A sink with transactional ids of its own.
     *
     * @param name name of the sink, unique within the job
     */
    public KafkaSink<OutgoingRecord> sink(String name) {
        Properties properties = new Properties();
        // Kafka's default of 1 MiB is below what a dead letter may have
        properties.setProperty(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                String.valueOf(JobTopics.MAX_DEAD_LETTER_BYTES));
        // a micro-batch of images in few requests: they are done all at once
        properties.setProperty(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(BATCH_BYTES));
        properties.putAll(producer);
        ProducerDefaults.fill(properties);
        properties.setProperty(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                String.valueOf(transactionTimeout.toMillis()));
        return KafkaSink.<OutgoingRecord>builder()
                .setBootstrapServers(bootstrapServers)
                .setKafkaProducerConfig(properties)
                .setDeliveryGuarantee(guarantee)
                .setTransactionalIdPrefix(idPrefix + "-" + name)
                .setRecordSerializer(new OutgoingRecordSerializer())
                .build();
    }
}
