package io.ebmstream.job.feed;

import io.ebmstream.job.kafka.ProducerDefaults;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends images, and broken records, to the image topic. Idempotent: a retry never doubles a record.
 * The key is the stream id; event times are the time of sending.
 *
 * <p>Not thread-safe.
 */
public final class ImageFeeder implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final String streamId;
    private final ImageEncoding encoding;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    /**
     * @param kafka settings of the producer, {@code bootstrap.servers} among them; with a {@code
     *     transactional.id} everything is sent between {@link #begin} and {@link #commit}
     * @param topic the image topic
     * @param streamId stream of all images
     * @param encoding how pixels are sent
     */
    public ImageFeeder(Properties kafka, String topic, String streamId, ImageEncoding encoding) {
        Properties settings = new Properties();
        settings.putAll(kafka);
        ProducerDefaults.fill(settings);
        settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "5");
        settings.putIfAbsent(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                String.valueOf(WireFormat.IMAGE.maxBytes()));
        this.producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        this.topic = topic;
        this.streamId = streamId;
        this.encoding = encoding;
        if (settings.containsKey(ProducerConfig.TRANSACTIONAL_ID_CONFIG)) {
            producer.initTransactions();
        }
    }

    /** Begins a transaction: readers of committed records get all that follows at once. */
    public void begin() {
        producer.beginTransaction();
    }

    /**
     * Ends the transaction, when everything has arrived.
     *
     * @throws IllegalStateException if something could not be sent
     */
    public void commit() {
        flush();
        producer.commitTransaction();
    }

    /**
     * Sends an image; returns before it has arrived.
     *
     * @throws IllegalStateException if an earlier one could not be sent
     */
    public void send(String imageId, Image image) {
        send(imageId, image, null);
    }

    /**
     * Sends an image with the latents that it was generated from.
     *
     * @param latents or null for none
     * @throws IllegalStateException if an earlier one could not be sent
     */
    public void send(String imageId, Image image, float[] latents) {
        byte[] pixels = ImageCodec.encode(image, encoding);
        send(
                WireFormat.IMAGE.encode(
                        ImageRecords.record(
                                imageId,
                                streamId,
                                System.currentTimeMillis(),
                                image.shape(),
                                encoding,
                                pixels,
                                image.label(),
                                list(latents))));
    }

    private static List<Float> list(float[] values) {
        if (values == null) {
            return null;
        }
        List<Float> list = new ArrayList<>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }

    /**
     * Sends a broken record.
     *
     * @param image a good image, to be broken
     * @param index number of the broken record
     * @return its bytes, which must come back as a dead letter
     */
    public byte[] sendBroken(BrokenInput kind, Image image, long seed, long index) {
        byte[] value =
                BrokenInputs.value(
                        kind,
                        image,
                        "broken-" + index,
                        streamId,
                        System.currentTimeMillis(),
                        seed,
                        index);
        send(value);
        return value;
    }

    /**
     * Waits until everything has arrived.
     *
     * @throws IllegalStateException if something could not be sent
     */
    public void flush() {
        producer.flush();
        check();
    }

    /** Sends what is left and closes the connection. */
    @Override
    public void close() {
        producer.close();
    }

    private void send(byte[] value) {
        check();
        try {
            producer.send(
                    new ProducerRecord<>(topic, streamId.getBytes(StandardCharsets.UTF_8), value),
                    (metadata, e) -> {
                        if (e != null) {
                            failure.compareAndSet(null, e);
                        }
                    });
        } catch (KafkaException e) {
            failure.compareAndSet(null, e);
            check();
        }
    }

    private void check() {
        Exception e = failure.get();
        if (e != null) {
            throw new IllegalStateException(
                    "an image could not be sent to topic " + topic + ": " + e.getMessage(), e);
        }
    }
}
