package io.ebmstream.job.chaos;

import io.ebmstream.job.feed.ImageRecords;
import io.ebmstream.job.kafka.ProducerDefaults;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.WireFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends images that are the same bytes in every run: ids, streams and times are functions of the
 * place. They go to the partitions in turn.
 */
final class ChaosFeed {
    /** Streams of each partition. */
    private static final int STREAMS = 2;

    private static final long FIRST_MILLIS = 1_700_000_000_000L;

    private final ImageDataset images;
    private final int partitions;
    private long sent;

    ChaosFeed(ImageDataset images, int partitions) {
        this.images = images;
        this.partitions = partitions;
    }

    /** Id of the image at a place. */
    static String id(long place) {
        return "image-" + place;
    }

    /**
     * Sends images up to a place, and waits until they have arrived.
     *
     * @param kafka settings of the producer
     * @param until place after the last
     */
    void sendUntil(Properties kafka, String topic, long until) throws InterruptedException {
        Properties settings = new Properties();
        settings.putAll(kafka);
        ProducerDefaults.fill(settings);
        List<Future<RecordMetadata>> arrivals = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (; sent < until; sent++) {
                int partition = (int) (sent % partitions);
                arrivals.add(
                        producer.send(new ProducerRecord<>(topic, partition, null, record(sent))));
            }
            producer.flush();
            for (Future<RecordMetadata> arrival : arrivals) {
                arrival.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an image could not be sent", e.getCause());
        }
    }

    private byte[] record(long place) {
        Image image = images.image((int) (place % images.size()));
        long partition = place % partitions;
        long stream = place / partitions % STREAMS;
        return WireFormat.IMAGE.encode(
                ImageRecords.record(
                        id(place),
                        "camera-" + partition + "-" + stream,
                        FIRST_MILLIS + place,
                        image.shape(),
                        ImageEncoding.RAW_U8_PLANAR,
                        ImageCodec.encode(image, ImageEncoding.RAW_U8_PLANAR),
                        image.label(),
                        null));
    }
}
