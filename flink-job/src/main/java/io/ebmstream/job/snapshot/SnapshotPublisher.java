package io.ebmstream.job.snapshot;

import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.kafka.ProducerDefaults;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.SnapshotKeys;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes a snapshot into its topics without a job: its chunks, then its manifest, in one
 * transaction, so that readers see all of it or nothing. Stateless, thread-safe.
 */
public final class SnapshotPublisher {
    private SnapshotPublisher() {}

    /**
     * Publishes; the records are committed when the call returns.
     *
     * @param kafka settings of the producer, {@code bootstrap.servers} among them
     * @throws KafkaException if the broker cannot be reached or refuses; nothing is visible then
     */
    public static void publish(Properties kafka, SnapshotTopics topics, PackedSnapshot packed) {
        Properties settings = new Properties();
        settings.putAll(kafka);
        ProducerDefaults.fill(settings);
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "ebm-import-" + UUID.randomUUID());
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, JobTopics.MAX_MESSAGE_BYTES);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            try {
                for (SnapshotChunk chunk : packed.chunks()) {
                    producer.send(
                            new ProducerRecord<>(
                                    topics.chunks(),
                                    SnapshotKeys.of(chunk),
                                    WireFormat.SNAPSHOT_CHUNK.encode(chunk)));
                }
                producer.send(
                        new ProducerRecord<>(
                                topics.manifests(),
                                SnapshotKeys.of(packed.manifest()),
                                WireFormat.SNAPSHOT_MANIFEST.encode(packed.manifest())));
                producer.commitTransaction();
            } catch (KafkaException e) {
                producer.abortTransaction();
                throw e;
            }
        }
    }
}
