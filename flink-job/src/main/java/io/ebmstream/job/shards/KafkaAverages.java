package io.ebmstream.job.shards;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads committed averages from their topic, which has one partition, on a thread of its own.
 *
 * @param kafka settings of the client, {@code bootstrap.servers} among them
 * @param topic the topic
 */
public record KafkaAverages(Map<String, String> kafka, String topic) implements AverageFeed {
    private static final long serialVersionUID = 1L;

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration STOP = Duration.ofSeconds(10);

    /** With a job's settings. */
    public static KafkaAverages of(Properties kafka, String topic) {
        Map<String, String> settings = new HashMap<>();
        kafka.stringPropertyNames().forEach(name -> settings.put(name, kafka.getProperty(name)));
        return new KafkaAverages(settings, topic);
    }

    /**
     * @throws org.apache.kafka.common.KafkaException if there is no broker or no such topic
     */
    @Override
    public AutoCloseable open(Sink sink) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            // now, on this thread: whatever the job's transactions commit from here on is read
            consumer.seek(partition, consumer.endOffsets(List.of(partition)).get(partition));
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
        Thread thread = new Thread(() -> read(consumer, sink), "averages of " + topic);
        thread.setDaemon(true);
        thread.start();
        return () -> {
            consumer.wakeup();
            thread.join(STOP.toMillis());
        };
    }

    private static void read(KafkaConsumer<byte[], byte[]> consumer, Sink sink) {
        try (consumer) {
            AverageRecords.Decoder decoder = new AverageRecords.Decoder();
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    decoder.take(record.value()).ifPresent(sink::average);
                }
            }
        } catch (WakeupException e) {
            // closed
        } catch (Exception e) {
            sink.failed(e);
        }
    }
}
