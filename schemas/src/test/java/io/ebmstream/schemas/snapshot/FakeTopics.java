package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Committed logs of two topics in memory, read by Kafka's own MockConsumer with one change: records
 * stay after they were polled. What only a broker can show is in SnapshotReaderITCase of flink-job.
 */
final class FakeTopics {
    static final TopicPartition MANIFESTS =
            new TopicPartition(SnapshotTopics.DEFAULT.manifests(), 0);
    static final List<TopicPartition> CHUNKS =
            List.of(
                    new TopicPartition(SnapshotTopics.DEFAULT.chunks(), 0),
                    new TopicPartition(SnapshotTopics.DEFAULT.chunks(), 1));
    private static final int POLL_RECORDS = 3;

    private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> logs = new HashMap<>();
    private final Deque<Runnable> onIdle = new ArrayDeque<>();

    private Collection<TopicPartition> endOffsetsOf = List.of();
    private Runnable onEndOffsets;
    private RuntimeException failure;
    private int failures;
    private Collection<TopicPartition> failing = List.of();

    FakeTopics() {
        logs.put(MANIFESTS, new ArrayList<>());
        CHUNKS.forEach(chunks -> logs.put(chunks, new ArrayList<>()));
    }

    void append(TopicPartition partition, byte[] key, byte[] value) {
        List<ConsumerRecord<byte[], byte[]>> log = logs.get(partition);
        log.add(
                new ConsumerRecord<>(
                        partition.topic(), partition.partition(), log.size(), key, value));
    }

    /** An offset that no reader gets: aborted, compacted away, or a transaction's marker. */
    void appendGap(TopicPartition partition) {
        logs.get(partition).add(null);
    }

    /** What compaction does. */
    void remove(TopicPartition partition, int offset) {
        logs.get(partition).set(offset, null);
    }

    void deleteTopic(TopicPartition partition) {
        logs.remove(partition);
    }

    int size(TopicPartition partition) {
        return logs.get(partition).size();
    }

    void manifest(SnapshotManifest manifest) {
        append(MANIFESTS, SnapshotKeys.of(manifest), WireFormat.SNAPSHOT_MANIFEST.encode(manifest));
        appendGap(MANIFESTS);
    }

    void chunk(SnapshotChunk chunk) {
        append(
                CHUNKS.get(chunk.getIndex() % CHUNKS.size()),
                SnapshotKeys.of(chunk),
                WireFormat.SNAPSHOT_CHUNK.encode(chunk));
    }

    void write(PackedSnapshot packed) {
        packed.chunks().forEach(this::chunk);
        CHUNKS.forEach(this::appendGap);
        manifest(packed.manifest());
    }

    void tombstone(PackedSnapshot packed) {
        append(MANIFESTS, SnapshotKeys.of(packed.manifest()), null);
    }

    /** Happens when a reader has found nothing new; one action each time. */
    void whenIdle(Runnable action) {
        onIdle.add(action);
    }

    /** Happens once, after a reader has asked where these partitions end. */
    void afterEndOffsets(Collection<TopicPartition> partitions, Runnable action) {
        endOffsetsOf = partitions;
        onEndOffsets = action;
    }

    /** What the next questions for the ends of these partitions are answered with. */
    void fail(Collection<TopicPartition> partitions, int times, RuntimeException with) {
        failing = partitions;
        failures = times;
        failure = with;
    }

    /** How many of the failures have not happened yet. */
    int failuresLeft() {
        return failures;
    }

    static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    MockConsumer<byte[], byte[]> consumer() {
        Reader reader = new Reader();
        reader.updateBeginningOffsets(
                logs.keySet().stream().collect(Collectors.toMap(p -> p, p -> 0L)));
        return reader;
    }

    private final class Reader extends MockConsumer<byte[], byte[]> {
        Reader() {
            super("earliest");
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> polled = new HashMap<>();
            for (TopicPartition partition : assignment()) {
                List<ConsumerRecord<byte[], byte[]>> log = logs.get(partition);
                int from = (int) position(partition);
                int to = Math.min(from + POLL_RECORDS, log.size());
                if (paused().contains(partition) || from == to) {
                    continue;
                }
                List<ConsumerRecord<byte[], byte[]>> records =
                        new ArrayList<>(log.subList(from, to));
                records.removeIf(record -> record == null);
                if (!records.isEmpty()) {
                    polled.put(partition, records);
                }
                seek(partition, to);
            }
            if (polled.isEmpty()) {
                idle();
            }
            return new ConsumerRecords<>(polled, Map.<TopicPartition, OffsetAndMetadata>of());
        }

        private void idle() {
            Runnable action = onIdle.poll();
            if (action != null) {
                action.run();
            }
        }

        @Override
        public synchronized Map<TopicPartition, Long> endOffsets(
                Collection<TopicPartition> partitions) {
            if (failures > 0 && failing.containsAll(partitions)) {
                failures--;
                throw failure;
            }
            Map<TopicPartition, Long> ends = new HashMap<>();
            partitions.forEach(p -> ends.put(p, (long) logs.get(p).size()));
            if (onEndOffsets != null && endOffsetsOf.containsAll(partitions)) {
                Runnable action = onEndOffsets;
                onEndOffsets = null;
                action.run();
            }
            return ends;
        }

        @Override
        public synchronized List<PartitionInfo> partitionsFor(String topic) {
            return logs.keySet().stream()
                    .filter(p -> p.topic().equals(topic))
                    .map(p -> new PartitionInfo(topic, p.partition(), null, null, null))
                    .toList();
        }
    }
}
