package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.ModelVersion;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the manifests of one model's versions lie in their topic. It goes by the records' keys and
 * keeps no manifest, so that its memory is a few words per version.
 *
 * <p>Not thread-safe.
 */
final class ManifestIndex {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestIndex.class);

    /**
     * Where a manifest is.
     *
     * @param partition of the manifest topic
     * @param offset of the record
     * @param seenNanos {@link System#nanoTime()} when this reader first saw it
     */
    record Entry(TopicPartition partition, long offset, long seenNanos) {}

    private final Consumer<byte[], byte[]> consumer;
    private final Collection<TopicPartition> partitions;
    private final String model;
    private final NavigableMap<ModelVersion, Entry> entries = new TreeMap<>();
    private final SortedSet<String> others = new TreeSet<>();

    ManifestIndex(
            Consumer<byte[], byte[]> consumer,
            Collection<TopicPartition> partitions,
            String model) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.model = model;
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** The versions that are known, lowest first. */
    NavigableMap<ModelVersion, Entry> entries() {
        return entries;
    }

    /** Names of further models that were seen in the topic, for messages. */
    SortedSet<String> others() {
        return others;
    }

    /**
     * Reads on to what is now the committed end.
     *
     * @param timeout longest time without an answer
     */
    void refresh(Duration timeout) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, timeout);
        Deadline deadline = new Deadline(timeout, "the end of " + partitions);
        while (ends.entrySet().stream()
                .anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
            if (poll(deadline.slice())) {
                deadline.restart();
            }
        }
    }

    /** Reads what comes within a time; returns whether anything came. */
    boolean poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
        records.forEach(this::add);
        return !records.isEmpty();
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        SnapshotKeys.parse(record.key())
                .ifPresentOrElse(
                        key -> {
                            if (key.model().equals(model)) {
                                put(key.version(), partition, record);
                            } else {
                                others.add(key.model());
                            }
                        },
                        () ->
                                LOG.warn(
                                        "passed over the record at {} offset {}: its key is no"
                                                + " model/epoch/counter",
                                        partition,
                                        record.offset()));
    }

    private void put(
            ModelVersion version, TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            entries.remove(version);
        } else {
            entries.put(version, new Entry(partition, record.offset(), System.nanoTime()));
        }
    }
}
