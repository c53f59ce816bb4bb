package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds single manifests and the chunks of a snapshot in their topics.
 *
 * <p>A manifest doesn't say at which offsets its chunks lie. They are looked for from the end of
 * the topic backwards, in windows that double: the chunks of the latest version come first, and
 * those of any version cost no more than what was written since. Records of other snapshots are
 * dropped unread.
 *
 * <p>Not thread-safe.
 */
final class ChunkSource {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkSource.class);
    private static final long FIRST_WINDOW = 16;

    /** Offsets of a partition: from is in, to is out. */
    private record Range(long from, long to) {}

    private final Consumer<byte[], byte[]> consumer;
    private final Collection<TopicPartition> partitions;
    private final Duration timeout;

    /**
     * @param partitions of the chunk topic
     * @param timeout longest time without an answer
     */
    ChunkSource(
            Consumer<byte[], byte[]> consumer,
            Collection<TopicPartition> partitions,
            Duration timeout) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.timeout = timeout;
    }

    /** The value at one offset; empty if compaction has removed it. */
    Optional<byte[]> value(TopicPartition partition, long offset) {
        List<byte[]> found = new ArrayList<>();
        read(
                Map.of(partition, new Range(offset, offset + 1)),
                record -> found.add(record.value()),
                () -> !found.isEmpty());
        return found.stream().findFirst();
    }

    /**
     * Gives the assembler what chunks of its snapshot there are.
     *
     * @param settle how long to wait for chunks that are not there yet: a transaction's end reaches
     *     the partitions one after the other
     */
    void fill(SnapshotAssembler assembler, Duration settle) {
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, timeout);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, timeout);
        Map<TopicPartition, Long> upper = ends;
        long window = Math.max(FIRST_WINDOW, 2L * assembler.manifest().getChunkCount());
        while (!assembler.complete()) {
            Map<TopicPartition, Range> ranges = new HashMap<>();
            Map<TopicPartition, Long> lower = new HashMap<>();
            for (TopicPartition partition : partitions) {
                long to = upper.get(partition);
                long from = Math.max(begins.get(partition), to - window);
                lower.put(partition, from);
                if (from < to) {
                    ranges.put(partition, new Range(from, to));
                }
            }
            if (ranges.isEmpty()) {
                break;
            }
            offer(ranges, assembler);
            upper = lower;
            window *= 2;
        }
        awaitRest(assembler, ends, settle);
    }

    private void awaitRest(
            SnapshotAssembler assembler, Map<TopicPartition, Long> ends, Duration settle) {
        Deadline deadline = new Deadline(settle, "the last chunks");
        Map<TopicPartition, Long> read = new HashMap<>(ends);
        while (!assembler.complete() && !deadline.over()) {
            Map<TopicPartition, Range> ranges = new HashMap<>();
            consumer.endOffsets(partitions, timeout)
                    .forEach(
                            (partition, end) -> {
                                if (read.get(partition) < end) {
                                    ranges.put(partition, new Range(read.get(partition), end));
                                    read.put(partition, end);
                                }
                            });
            if (ranges.isEmpty()) {
                pause();
            } else {
                offer(ranges, assembler);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }

    private void offer(Map<TopicPartition, Range> ranges, SnapshotAssembler assembler) {
        SnapshotManifest manifest = assembler.manifest();
        String prefix = SnapshotKeys.manifest(manifest.getModel(), manifest.getVersion()) + "/";
        read(
                ranges,
                record -> {
                    if (record.value() != null
                            && record.key() != null
                            && new String(record.key(), StandardCharsets.UTF_8)
                                    .startsWith(prefix)) {
                        offer(record, assembler);
                    }
                },
                assembler::complete);
    }

    private static void offer(ConsumerRecord<byte[], byte[]> record, SnapshotAssembler assembler) {
        try {
            assembler.offer(WireFormat.SNAPSHOT_CHUNK.decode(record.value()));
        } catch (WireFormatException e) {
            LOG.warn(
                    "passed over the chunk at {}-{} offset {}: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
        }
    }

    /** Reads ranges of offsets, until they end or it is enough. */
    private void read(
            Map<TopicPartition, Range> ranges,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each,
            BooleanSupplier enough) {
        consumer.assign(ranges.keySet());
        // a partition that stays assigned stays paused as well
        consumer.resume(ranges.keySet());
        ranges.forEach((partition, range) -> consumer.seek(partition, range.from()));
        Deadline deadline = new Deadline(timeout, "the offsets " + ranges);
        List<TopicPartition> open = new ArrayList<>(ranges.keySet());
        while (!open.isEmpty() && !enough.getAsBoolean()) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(deadline.slice());
            if (!records.isEmpty()) {
                deadline.restart();
            }
            for (ConsumerRecord<byte[], byte[]> record : records) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (record.offset() < ranges.get(partition).to()) {
                    each.accept(record);
                }
            }
            // the position passes aborted records and transaction markers as well
            open.removeIf(partition -> consumer.position(partition) >= ranges.get(partition).to());
            List<TopicPartition> done = new ArrayList<>(ranges.keySet());
            done.removeAll(open);
            consumer.pause(done);
        }
    }
}
