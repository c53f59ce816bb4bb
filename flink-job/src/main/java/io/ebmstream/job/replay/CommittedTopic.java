package io.ebmstream.job.replay;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads what transactions have committed to a topic, up to its end as it is when reading begins,
 * outside of any consumer group. Methods may throw Kafka's unchecked KafkaException when the broker
 * does not answer. Not thread-safe.
 */
public final class CommittedTopic implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Longest time without an answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Records between two wanted ones that are read over rather than sought past. */
    private static final long READ_OVER = 500;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String topic;
    private final List<TopicPartition> partitions;

    /**
     * @param kafka settings of a consumer, {@code bootstrap.servers} among them
     * @throws IllegalStateException if there is no such topic
     */
    public CommittedTopic(Properties kafka, String topic) {
        this.topic = topic;
        Properties settings = new Properties();
        settings.putAll(kafka);
        settings.setProperty("isolation.level", "read_committed");
        settings.setProperty("enable.auto.commit", "false");
        settings.setProperty("allow.auto.create.topics", "false");
        // a place that is no longer kept must be noticed, not jumped over
        settings.setProperty("auto.offset.reset", "earliest");
        consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            List<PartitionInfo> found = consumer.partitionsFor(topic, PATIENCE);
            if (found == null || found.isEmpty()) {
                throw new IllegalStateException(
                        "expected topic "
                                + topic
                                + " at "
                                + settings.getProperty("bootstrap.servers")
                                + ", found none; give its name in the configuration");
            }
            partitions = found.stream().map(p -> new TopicPartition(topic, p.partition())).toList();
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Hands every record over, from the beginning, until the function returns false. */
    public void forEach(Predicate<ConsumerRecord<byte[], byte[]>> each) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
        consumer.seekToBeginning(partitions);
        long silent = System.nanoTime();
        while (ends.entrySet().stream()
                .anyMatch(e -> consumer.position(e.getKey(), PATIENCE) < e.getValue())) {
            long before = positions();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                long end = ends.get(new TopicPartition(topic, record.partition()));
                if (record.offset() < end && !each.test(record)) {
                    return;
                }
            }
            silent = patience(before, silent);
        }
    }

    private long positions() {
        return consumer.assignment().stream().mapToLong(p -> consumer.position(p)).sum();
    }

    private long patience(long positionsBefore, long silentSince) {
        if (positions() != positionsBefore) {
            return System.nanoTime();
        }
        if (System.nanoTime() - silentSince > PATIENCE.toNanos()) {
            throw new IllegalStateException(
                    "expected the records of "
                            + topic
                            + " up to its end, found no answer for "
                            + PATIENCE.toSeconds()
                            + " s; is the broker up?");
        }
        return silentSince;
    }

    /** The records at given places; those that are no longer kept, or never were, are left out. */
    Map<InputPlace, ConsumerRecord<byte[], byte[]>> at(Collection<InputPlace> places) {
        Map<Integer, NavigableSet<Long>> wanted = new TreeMap<>();
        places.forEach(
                p -> wanted.computeIfAbsent(p.partition(), k -> new TreeSet<>()).add(p.offset()));
        Map<InputPlace, ConsumerRecord<byte[], byte[]>> found = new HashMap<>();
        wanted.forEach(
                (partition, offsets) -> {
                    TopicPartition at = new TopicPartition(topic, partition);
                    if (partitions.contains(at)) {
                        read(at, offsets, found);
                    }
                });
        return found;
    }

    private void read(
            TopicPartition partition,
            NavigableSet<Long> offsets,
            Map<InputPlace, ConsumerRecord<byte[], byte[]>> found) {
        consumer.assign(List.of(partition));
        long begin = consumer.beginningOffsets(List.of(partition), PATIENCE).get(partition);
        long end = consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
        Long next = offsets.ceiling(begin);
        long silent = System.nanoTime();
        boolean placed = false;
        while (next != null && next < end) {
            long position = placed ? consumer.position(partition, PATIENCE) : -1;
            if (position < 0 || position > next || next - position > READ_OVER) {
                consumer.seek(partition, next);
                placed = true;
            }
            long before = positions();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (offsets.contains(record.offset())) {
                    found.put(new InputPlace(record.partition(), record.offset()), record);
                }
            }
            silent = patience(before, silent);
            next = offsets.ceiling(consumer.position(partition, PATIENCE));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
