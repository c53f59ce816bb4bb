package io.ebmstream.job.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import io.ebmstream.schemas.snapshot.SnapshotKeys;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import io.ebmstream.schemas.snapshot.SnapshotWriter;
import io.ebmstream.schemas.snapshot.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** The snapshot client against real transactions. */
@Timeout(90)
class SnapshotReaderITCase {
    private static final String MODEL = "default";
    private static final int CHUNK_PARTITIONS = 2;

    private static EmbeddedBroker broker;

    private SnapshotTopics topics;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void createTopics(TestInfo test) {
        String name = test.getTestMethod().orElseThrow().getName();
        topics = new SnapshotTopics(name + ".manifests", name + ".chunks");
        broker.createTopics(
                List.of(
                        new NewTopic(topics.manifests(), 1, (short) 1)
                                .configs(Map.of("cleanup.policy", "compact")),
                        new NewTopic(topics.chunks(), CHUNK_PARTITIONS, (short) 1)));
        producer = producer(name);
    }

    @AfterEach
    void closeProducer() {
        producer.close(Duration.ofSeconds(5));
    }

    private static KafkaProducer<byte[], byte[]> producer(String transactionalId) {
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "transactional.id",
                                transactionalId),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private SnapshotReader open() throws SnapshotException {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", broker.bootstrapServers());
        return SnapshotReader.open(properties, topics, MODEL);
    }

    private static ModelVersion version(long counter) {
        return new ModelVersion(0L, counter);
    }

    private static float[] weights(long counter, int length) {
        float[] weights = new float[length];
        for (int i = 0; i < length; i++) {
            weights[i] = counter + i / 1024f;
        }
        return weights;
    }

    /** 600,000 weights are 2.4 MB: three chunks, of which two are full. */
    private static PackedSnapshot pack(long counter) {
        return SnapshotWriter.pack(
                SnapshotManifest.newBuilder()
                        .setModel(MODEL)
                        .setVersion(version(counter))
                        .setNetwork("{}")
                        .setSampler(new SamplerConfig(0.01, 1e-4, null, null, 100))
                        .setProvenance(Provenance.newBuilder().build()),
                List.of(
                        Tensor.vector("parameters", weights(counter, 600_000)),
                        new Tensor("anchors", List.of(2, 2), weights(counter, 4))));
    }

    private void send(SnapshotChunk chunk) {
        producer.send(
                new ProducerRecord<>(
                        topics.chunks(),
                        chunk.getIndex() % CHUNK_PARTITIONS,
                        SnapshotKeys.of(chunk),
                        WireFormat.SNAPSHOT_CHUNK.encode(chunk)));
    }

    private void send(SnapshotManifest manifest) {
        producer.send(
                new ProducerRecord<>(
                        topics.manifests(),
                        SnapshotKeys.of(manifest),
                        WireFormat.SNAPSHOT_MANIFEST.encode(manifest)));
    }

    private void commit(PackedSnapshot packed) {
        producer.beginTransaction();
        packed.chunks().forEach(this::send);
        send(packed.manifest());
        producer.commitTransaction();
    }

    private static void expect(Snapshot snapshot, long counter) {
        assertThat(snapshot.version()).isEqualTo(version(counter));
        assertThat(snapshot.manifest().getChunkCount()).isEqualTo(3);
        assertThat(snapshot.floats("parameters")).isEqualTo(weights(counter, 600_000));
        assertThat(snapshot.floats("anchors")).isEqualTo(weights(counter, 4));
        assertThat(snapshot.shape("anchors")).containsExactly(2, 2);
    }

    @Test
    void readsTheLatestAndAnyGivenVersion() throws SnapshotException {
        for (int i = 1; i <= 6; i++) {
            commit(pack(i));
        }
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 6);
            expect(reader.version(version(1)), 1);
            expect(reader.version(version(4)), 4);
            assertThat(reader.versions()).hasSize(6);
            assertThatThrownBy(() -> reader.version(version(7)))
                    .isInstanceOfSatisfying(
                            SnapshotException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
        }
    }

    @Test
    void seesNothingOfAnOpenOrAbortedTransaction() throws SnapshotException {
        commit(pack(1));
        producer.beginTransaction();
        PackedSnapshot aborted = pack(2);
        aborted.chunks().forEach(this::send);
        send(aborted.manifest());
        producer.flush();
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 1);
            producer.abortTransaction();
            expect(reader.latest().orElseThrow(), 1);
            assertThat(reader.next(Duration.ofMillis(500))).isEmpty();
            commit(pack(3));
            expect(reader.next(Duration.ofSeconds(30)).orElseThrow(), 3);
            assertThat(reader.versions()).containsExactly(version(1), version(3));
        }
    }

    @Test
    void passesOverAnIncompleteSetAndReportsIt() throws SnapshotException {
        commit(pack(1));
        PackedSnapshot packed = pack(2);
        producer.beginTransaction();
        packed.chunks().subList(0, 2).forEach(this::send);
        send(packed.manifest());
        producer.commitTransaction();
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 1);
            assertThatThrownBy(() -> reader.version(version(2)))
                    .isInstanceOfSatisfying(
                            SnapshotException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.INCOMPLETE))
                    .hasMessageContaining("snapshot default/0/2: 1 of 3 chunks missing");
        }
    }

    @Test
    void passesOverACorruptedChunkAndReportsIt() throws SnapshotException {
        commit(pack(1));
        PackedSnapshot packed = pack(2);
        SnapshotChunk chunk = packed.chunks().get(1);
        byte[] data = new byte[chunk.getData().remaining()];
        chunk.getData().duplicate().get(data);
        data[500_000] ^= 0x10;
        chunk.setData(ByteBuffer.wrap(data));
        commit(packed);
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 1);
            assertThatThrownBy(() -> reader.version(version(2)))
                    .isInstanceOfSatisfying(
                            SnapshotException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
                    .hasMessageContaining("chunk 1: expected 921600 bytes with SHA-256");
        }
    }

    @Test
    void followsASnapshotAfterTheOther() throws Exception {
        commit(pack(1));
        List<Long> seen = new ArrayList<>();
        CompletableFuture<Void> first = new CompletableFuture<>();
        try (SnapshotReader reader = open()) {
            CompletableFuture<Void> following =
                    CompletableFuture.runAsync(
                            () ->
                                    reader.follow(
                                            snapshot -> {
                                                expect(snapshot, snapshot.version().getCounter());
                                                seen.add(snapshot.version().getCounter());
                                                first.complete(null);
                                                return seen.size() < 3;
                                            }));
            first.get(30, TimeUnit.SECONDS);
            commit(pack(2));
            assertThatThrownBy(() -> following.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            commit(pack(3));
            following.get(30, TimeUnit.SECONDS);
        }
        assertThat(seen).containsExactly(1L, 2L, 3L);
    }

    @Test
    void saysWhichTopicIsMissing() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", broker.bootstrapServers());
        assertThatThrownBy(
                        () ->
                                SnapshotReader.open(
                                        properties,
                                        new SnapshotTopics(topics.manifests(), "nowhere"),
                                        MODEL))
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining("expected the topic nowhere, found none");
    }
}
