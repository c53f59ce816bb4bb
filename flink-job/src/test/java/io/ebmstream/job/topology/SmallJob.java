package io.ebmstream.job.topology;

import io.ebmstream.job.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A job on a broker that is over in seconds: what it is set to, and what it committed. */
final class SmallJob {
    /** For a machine that has other things to do. */
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private SmallJob() {}

    /** Two subtasks, frequent checkpoints, restarts; a learner of few chains and steps. */
    static Map<String, String> settings(EmbeddedBroker broker, Path checkpoints) {
        Map<String, String> settings = new HashMap<>();
        settings.put("ebm.kafka.bootstrap", broker.bootstrapServers());
        settings.put("ebm.job.parallelism", "2");
        settings.put("ebm.job.max-parallelism", "16");
        settings.put("ebm.checkpoint.interval", "400 ms");
        settings.put("ebm.checkpoint.dir", checkpoints.toUri().toString());
        settings.put("ebm.compute.slice", "5 ms");
        settings.put("ebm.learner.batch", "4");
        settings.put("ebm.learner.steps", "2");
        settings.put("ebm.learner.replay", "64");
        settings.put("ebm.learner.bank", "64");
        settings.put("ebm.learner.queue", "8");
        settings.put("ebm.purifier.batch", "8");
        settings.put("ebm.purifier.queue", "16");
        settings.put("ebm.purifier.max-delay", "50 ms");
        settings.put("restart-strategy.type", "fixed-delay");
        settings.put("restart-strategy.fixed-delay.attempts", "3");
        settings.put("restart-strategy.fixed-delay.delay", "100 ms");
        settings.put("rest.port", "0");
        settings.put("taskmanager.numberOfTaskSlots", "2");
        settings.put("taskmanager.memory.managed.size", "64m");
        settings.put("taskmanager.memory.network.min", "32m");
        settings.put("taskmanager.memory.network.max", "32m");
        return settings;
    }

    /** Waits for committed records. */
    static void await(EmbeddedBroker broker, String topic, int count) throws Exception {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        int found = 0;
        while (System.nanoTime() < deadline) {
            found = read(broker, topic).size();
            if (found >= count) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(
                "expected " + count + " committed records in " + topic + ", found " + found);
    }

    /** All committed records of a topic, by its first partition, then its second. */
    static List<ConsumerRecord<byte[], byte[]>> read(EmbeddedBroker broker, String topic) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", broker.bootstrapServers());
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }
}
