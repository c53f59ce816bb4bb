package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.ImageEncoding;
import io.ebmstream.schemas.avro.ImageRecord;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole job on a real broker: a failure in the middle loses nothing and doubles nothing. */
class EbmTopologyITCase {
    private static final int GOOD = 300;
    private static final int BAD_EVERY = 20;
    private static final int STREAMS = 3;
    private static final int WARMUP = 8;
    private static final int IMAGES_PER_UPDATE = 10;
    private static final int PUBLISH_EVERY = 10;
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);

    private static EmbeddedBroker broker;

    private static final int CLASSES = 4;
    private static final int REPLICATES = 2;
    private static final int KEPT = 2;

    @TempDir static Path checkpoints;

    private final Map<String, byte[]> badValues = new HashMap<>();

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
        broker.createTopics(JobTopics.of(TopicNames.defaults(), 2, (short) 1));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aFailureInTheMiddleLosesNothingAndDoublesNothing() throws Exception {
        JobConfig config = JobConfig.of(settings());
        Configuration cluster = FlinkDefaults.of(config);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(2, cluster);
        EbmTopology.build(
                env,
                config,
                context ->
                        new Executors.Choice(
                                new FailingOnceExecutor(), Precision.FLOAT32, List.of()));
        JobClient job = env.executeAsync("test");
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            feed(producer, 0, GOOD / 2);
            // what is visible here is covered by a checkpoint
            TestTopics.await(broker.bootstrapServers(), Topics.PURIFIED, 1);
            FailingOnceExecutor.ARMED.set(true);
            feed(producer, GOOD / 2, GOOD);
        }
        TestTopics.await(broker.bootstrapServers(), Topics.PURIFIED, GOOD);
        TestTopics.await(broker.bootstrapServers(), Topics.IMAGES_DLQ, badValues.size());
        TestTopics.await(broker.bootstrapServers(), Topics.DIAGNOSTICS, updates());
        // whatever would come twice would come with the next checkpoints
        Thread.sleep(1_500);
        job.cancel().get(30, TimeUnit.SECONDS);

        assertThat(FailingOnceExecutor.FAILURES).hasValue(1);
        purifiedImagesAreThereOnce();
        readingsAreThereOnce();
        deadLettersAreTheOriginals();
        updatesFollowOneAnother();
        snapshotsCanBeReadBack();
        olderSnapshotsGo();
    }

    private void purifiedImagesAreThereOnce() throws Exception {
        List<PurifiedImage> purified = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.PURIFIED)) {
            purified.add(WireFormat.PURIFIED.decode(record.value()));
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < GOOD; i++) {
            expected.add("image-" + i);
        }
        assertThat(purified)
                .extracting(PurifiedImage::getImageId)
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(purified)
                .allSatisfy(
                        image -> {
                            assertThat(image.getPixels().remaining()).isEqualTo(SHAPE.size());
                            assertThat(image.getSteps()).isEqualTo(5);
                            assertThat(image.getDisplacement()).isPositive();
                            assertThat(image.getReplicates()).isEqualTo(REPLICATES);
                            assertThat(image.getLogits()).hasSize(CLASSES);
                            assertThat(image.getPredictedLabel()).isBetween(0, CLASSES - 1);
                            assertThat(image.getMargin()).isBetween(0.0, 1.0);
                        });
        assertThat(purified).anyMatch(image -> image.getModelVersion().getCounter() > 0);
    }

    private void readingsAreThereOnce() throws Exception {
        List<String> ids = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.DENSITY)) {
            DensityReading reading = WireFormat.DENSITY.decode(record.value());
            ids.add(reading.getImageId());
        }
        assertThat(ids).hasSize(GOOD).doesNotHaveDuplicates();
    }

    private void deadLettersAreTheOriginals() {
        Map<String, byte[]> letters = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.IMAGES_DLQ)) {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            assertThat(letters.put(key, record.value())).as("dead letter %s twice", key).isNull();
            assertThat(header(record, Headers.STAGE)).isEqualTo("decode");
            assertThat(header(record, Headers.TOPIC)).isEqualTo(Topics.IMAGES);
            assertThat(header(record, Headers.MESSAGE)).isNotEmpty();
        }
        assertThat(letters).containsOnlyKeys(badValues.keySet());
        letters.forEach((key, value) -> assertThat(value).as(key).isEqualTo(badValues.get(key)));
    }

    private void updatesFollowOneAnother() throws Exception {
        List<Long> numbers = new ArrayList<>();
        List<Long> versions = new ArrayList<>();
        int attempts = 0;
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.DIAGNOSTICS)) {
            LearnerDiagnostics update = WireFormat.DIAGNOSTICS.decode(record.value());
            numbers.add(update.getUpdate());
            attempts = Math.max(attempts, update.getAttempt());
            if (update.getModelVersion() != null) {
                versions.add(update.getModelVersion().getCounter());
            }
        }
        List<Long> expected = new ArrayList<>();
        for (long i = 1; i <= updates(); i++) {
            expected.add(i);
        }
        assertThat(numbers).isEqualTo(expected);
        assertThat(versions).isEqualTo(expected.subList(0, updates() / PUBLISH_EVERY));
        assertThat(attempts).isPositive();
    }

    private void snapshotsCanBeReadBack() throws Exception {
        try (SnapshotReader reader = SnapshotReader.open(broker.bootstrapServers(), "default")) {
            Snapshot snapshot = reader.latest().orElseThrow();
            assertThat(snapshot.version().getCounter()).isEqualTo(updates() / PUBLISH_EVERY);
            assertThat(snapshot.manifest().getProvenance().getInputOffsets())
                    .containsKeys(Topics.IMAGES + "-0", Topics.IMAGES + "-1");
            assertThat(snapshot.manifest().getProvenance().getUpdateCount())
                    .isEqualTo((long) updates() / PUBLISH_EVERY * PUBLISH_EVERY);
            assertThat(snapshot.manifest().getSampleGridPng()).isNotNull();
            assertThat(snapshot.floats("conv0.weight")).hasSize(4 * 9);
            long last = updates() / PUBLISH_EVERY;
            assertThat(reader.versions())
                    .extracting(ModelVersion::getCounter)
                    .containsExactly(last - 1, last);
        }
    }

    /** In the order of their publication, each once, whatever failed in between. */
    private void olderSnapshotsGo() {
        List<String> manifests = new ArrayList<>();
        List<String> chunks = new ArrayList<>();
        for (long i = 1; i <= updates() / PUBLISH_EVERY - KEPT; i++) {
            manifests.add("default/0/" + i);
            chunks.add("default/0/" + i + "/0");
        }
        assertThat(manifests).isNotEmpty();
        assertThat(tombstones(Topics.SNAPSHOTS)).isEqualTo(manifests);
        assertThat(tombstones(Topics.SNAPSHOT_CHUNKS)).isEqualTo(chunks);
    }

    private static List<String> tombstones(String topic) {
        return TestTopics.read(broker.bootstrapServers(), topic).stream()
                .filter(record -> record.value() == null)
                .map(record -> new String(record.key(), StandardCharsets.UTF_8))
                .toList();
    }

    private static int updates() {
        return 1 + (GOOD - WARMUP) / IMAGES_PER_UPDATE;
    }

    private static Map<String, String> settings() throws IOException {
        Map<String, String> settings = SmallJob.settings(broker, checkpoints);
        Network network = ClassifierFile.network("wrn-10-1", SHAPE, CLASSES, 1);
        Path classifier = checkpoints.resolve("classifier.safetensors");
        new ClassifierFile(network, 1, Initializer.weights(network, 3), Map.of()).write(classifier);
        settings.put("ebm.classify.file", classifier.toString());
        settings.put("ebm.classify.replicates", String.valueOf(REPLICATES));
        settings.put("ebm.image.channels", "1");
        settings.put("ebm.image.height", "16");
        settings.put("ebm.image.width", "16");
        settings.put("ebm.model.width", "4");
        settings.put("ebm.learner.warmup", String.valueOf(WARMUP));
        settings.put("ebm.learner.images-per-update", String.valueOf(IMAGES_PER_UPDATE));
        settings.put("ebm.learner.publish-every", String.valueOf(PUBLISH_EVERY));
        settings.put("ebm.snapshots.keep", String.valueOf(KEPT));
        settings.put("ebm.purifier.steps", "5");
        return settings;
    }

    private void feed(KafkaProducer<byte[], byte[]> producer, int from, int to) {
        for (int i = from; i < to; i++) {
            byte[] pixels = new byte[SHAPE.size()];
            for (int j = 0; j < pixels.length; j++) {
                pixels[j] = (byte) (i * 31 + j * (i % 7));
            }
            ImageRecord image = image(i, 16, ImageEncoding.RAW_U8_PLANAR, ByteBuffer.wrap(pixels));
            send(producer, "image-" + i, WireFormat.IMAGE.encode(image));
            if (i % BAD_EVERY == 0) {
                String key = "bad-" + i;
                badValues.put(key, bad(i));
                send(producer, key, badValues.get(key));
            }
        }
        producer.flush();
    }

    private static ImageRecord image(int i, int width, ImageEncoding encoding, ByteBuffer data) {
        return ImageRecord.newBuilder()
                .setImageId("image-" + i)
                .setStreamId("stream-" + i % STREAMS)
                .setEventTime(1_000L + i)
                .setEncoding(encoding)
                .setHeight(16)
                .setWidth(width)
                .setChannels(1)
                .setData(data)
                .build();
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String key, byte[] value) {
        producer.send(
                new ProducerRecord<>(Topics.IMAGES, key.getBytes(StandardCharsets.UTF_8), value));
    }

    /** Kinds of broken records, taking turns. */
    private static byte[] bad(int i) {
        return switch (i / BAD_EVERY % 5) {
            case 0 -> null;
            // near the topic's limit: the dead letter must still get through
            case 4 -> new byte[JobTopics.MAX_MESSAGE_BYTES - 1_000];
            case 1 -> new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
            case 2 ->
                    WireFormat.IMAGE.encode(
                            image(
                                    i,
                                    8,
                                    ImageEncoding.RAW_U8_PLANAR,
                                    ByteBuffer.allocate(SHAPE.size())));
            default -> {
                byte[] png =
                        ImageCodec.encode(
                                new Image(SHAPE, new byte[SHAPE.size()]),
                                io.ebmstream.ops.image.ImageEncoding.PNG);
                ByteBuffer cut = ByteBuffer.wrap(png, 0, png.length - 20);
                yield WireFormat.IMAGE.encode(image(i, 16, ImageEncoding.PNG, cut));
            }
        };
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "max.request.size",
                        String.valueOf(JobTopics.MAX_MESSAGE_BYTES)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
