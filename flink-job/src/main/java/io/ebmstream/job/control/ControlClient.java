package io.ebmstream.job.control;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends commands and waits for their answers. It reads what is answered from its opening on, and
 * only what was committed: an answer comes with the job's next checkpoint. Not thread-safe.
 */
public final class ControlClient implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String controlTopic;

    /**
     * @param kafka settings of the clients, {@code bootstrap.servers} among them; both topics must
     *     be there
     */
    public ControlClient(Properties kafka, String controlTopic, String eventsTopic) {
        this.controlTopic = controlTopic;
        Properties reading = new Properties();
        reading.putAll(kafka);
        reading.setProperty("isolation.level", "read_committed");
        reading.setProperty("enable.auto.commit", "false");
        consumer =
                new KafkaConsumer<>(
                        reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(eventsTopic).stream()
                            .map(p -> new TopicPartition(eventsTopic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            // the place is taken now, not at the first poll
            partitions.forEach(consumer::position);
            Properties writing = new Properties();
            writing.putAll(kafka);
            writing.setProperty("acks", "all");
            producer =
                    new KafkaProducer<>(
                            writing, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /**
     * Sends a command; it lies on the topic when this returns.
     *
     * @throws IllegalStateException if the broker does not take it
     */
    public void send(ControlCommand command) throws InterruptedException {
        try {
            producer.send(
                            new ProducerRecord<>(
                                    controlTopic,
                                    command.getModel().getBytes(StandardCharsets.UTF_8),
                                    WireFormat.CONTROL.encode(command)))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "expected " + controlTopic + " to take the command, found " + e.getCause(), e);
        }
    }

    /**
     * Waits for the answer to a command.
     *
     * @param id its identity
     * @return nothing if none has come by then
     */
    public Optional<ConsumerRecord<byte[], byte[]>> answer(String id, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        do {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (id.equals(idOf(record))) {
                    return Optional.of(record);
                }
            }
        } while (System.nanoTime() < end);
        return Optional.empty();
    }

    /** What is no event answers nothing. */
    private static String idOf(ConsumerRecord<byte[], byte[]> record) {
        try {
            ControlEvent event = WireFormat.EVENT.decode(record.value());
            return event.getCommandKind() == null ? null : event.getCommandId();
        } catch (WireFormatException e) {
            return null;
        }
    }

    @Override
    public void close() {
        consumer.close();
        producer.close();
    }
}
