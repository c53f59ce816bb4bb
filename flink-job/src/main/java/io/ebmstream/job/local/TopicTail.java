package io.ebmstream.job.local;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics from their beginning on a thread of its own and hands every record to the handler of
 * its topic, one at a time.
 */
public final class TopicTail implements AutoCloseable {
    /** Takes one record. */
    @FunctionalInterface
    public interface Handler {
        void accept(ConsumerRecord<byte[], byte[]> record) throws Exception;
    }

    private static final Duration POLL = Duration.ofMillis(100);

    private final Thread thread;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean stopped;

    /**
     * @param name name of the thread
     * @param bootstrap brokers
     * @param committed only what transactions have committed, or everything as it is written
     * @param handlers by topic
     */
    public TopicTail(
            String name, String bootstrap, boolean committed, Map<String, Handler> handlers) {
        Properties settings = new Properties();
        settings.setProperty("bootstrap.servers", bootstrap);
        settings.setProperty("isolation.level", committed ? "read_committed" : "read_uncommitted");
        settings.setProperty("enable.auto.commit", "false");
        settings.setProperty("auto.offset.reset", "earliest");
        thread = new Thread(() -> read(settings, handlers), name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * @throws IllegalStateException if a record could not be handled
     */
    public void check() {
        Exception e = failure.get();
        if (e != null) {
            throw new IllegalStateException(
                    "an output of the job could not be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(Properties settings, Map<String, Handler> handlers) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    handlers.keySet().stream()
                            .flatMap(topic -> consumer.partitionsFor(topic).stream())
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            while (!stopped) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    handlers.get(record.topic()).accept(record);
                }
            }
        } catch (Exception e) {
            failure.set(e);
        }
    }
}
