package io.ebmstream.job.board;

import io.ebmstream.job.decode.ImageDecoder;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the pictures: of pairs, and of alarms' examples. Looks up the input of a purified image
 * where its record says that it lies; only those inputs are read that are shown. On a thread of its
 * own; pairs that come while some wait are passed by, examples only when very many wait.
 */
final class BoardInputs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BoardInputs.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int PAIRS_WAITING = 8;
    private static final int WAITING = BoardAlarms.ALARMS * BoardAlarms.EXAMPLES + PAIRS_WAITING;

    private final Properties settings;
    private final String topic;
    private final BoardState state;
    private final ThreadPoolExecutor thread;
    private KafkaConsumer<byte[], byte[]> consumer;
    private volatile boolean closed;

    /**
     * @param kafka settings of a consumer
     * @param topic topic of the inputs
     * @param state where pairs go
     */
    BoardInputs(Properties kafka, String topic, BoardState state) {
        settings = new Properties();
        settings.putAll(kafka);
        settings.setProperty("enable.auto.commit", "false");
        settings.setProperty("allow.auto.create.topics", "false");
        // an input that is no longer kept must be noticed, not replaced by another
        settings.setProperty("auto.offset.reset", "none");
        settings.setProperty("max.poll.records", "1");
        settings.setProperty("max.partition.fetch.bytes", String.valueOf(64 * 1024));
        this.topic = topic;
        this.state = state;
        thread =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING),
                        run -> {
                            Thread made = new Thread(run, "ebm-board-inputs");
                            made.setDaemon(true);
                            return made;
                        },
                        new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Asks for the pair of a purified image; it comes to the state some time later, or never. */
    void pair(PurifiedImage image, long time) {
        if (thread.getQueue().size() < PAIRS_WAITING) {
            thread.execute(() -> make(image, time));
        }
    }

    /** Asks for the picture of an alarm's example; it comes some time later, or never. */
    void example(ImagePlace place) {
        thread.execute(
                () -> {
                    byte[] png = input(place);
                    if (png != null) {
                        state.example(place, png);
                    }
                });
    }

    private void make(PurifiedImage image, long time) {
        try {
            ImageShape shape =
                    new ImageShape(image.getChannels(), image.getHeight(), image.getWidth());
            byte[] pixels = new byte[image.getPixels().remaining()];
            image.getPixels().duplicate().get(pixels);
            byte[] output = ImageCodec.encode(new Image(shape, pixels), ImageEncoding.PNG);
            state.pair(image, time, input(ImagePlace.of(image)), output);
        } catch (RuntimeException e) {
            // a record that is no picture is not worth an end of the board
            LOG.info("no pictures of image {}", image.getImageId(), e);
        }
    }

    /** The input as a PNG file; null if it cannot be had. */
    private byte[] input(ImagePlace place) {
        if (!place.known()) {
            return null;
        }
        try {
            ConsumerRecord<byte[], byte[]> record =
                    read(new TopicPartition(topic, place.partition()), place.offset());
            if (record == null) {
                return null;
            }
            ImageShape shape = new ImageShape(place.channels(), place.height(), place.width());
            ImageEvent image =
                    new ImageDecoder(shape, DecodeLimits.DEFAULT, 0, () -> {})
                            .decode(
                                    new KafkaRecord(
                                            record.topic(),
                                            record.partition(),
                                            record.offset(),
                                            record.timestamp(),
                                            record.key(),
                                            record.value(),
                                            new String[0],
                                            new byte[0][]));
            if (!image.imageId().equals(place.image())
                    || !image.streamId().equals(place.stream())) {
                // the topic was made anew since
                return null;
            }
            return ImageCodec.encode(new Image(shape, image.pixels()), ImageEncoding.PNG);
        } catch (KafkaException e) {
            LOG.info("cannot read the input of image {}", place.image(), e);
            end();
            return null;
        } catch (IOException | RuntimeException e) {
            LOG.info("cannot decode the input of image {}", place.image(), e);
            return null;
        }
    }

    private ConsumerRecord<byte[], byte[]> read(TopicPartition partition, long offset) {
        if (consumer == null) {
            consumer =
                    new KafkaConsumer<>(
                            settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        long begun = System.nanoTime();
        while (!closed && System.nanoTime() - begun < PATIENCE_NANOS) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                return record.offset() == offset ? record : null;
            }
        }
        return null;
    }

    private void end() {
        if (consumer != null) {
            consumer.close();
            consumer = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.getQueue().clear();
        thread.execute(this::end);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("the board's reader of inputs did not end within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
