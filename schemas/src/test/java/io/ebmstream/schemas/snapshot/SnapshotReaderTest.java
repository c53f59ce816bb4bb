package io.ebmstream.schemas.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SnapshotReaderTest {
    private static final Duration SETTLE = Duration.ofMillis(150);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final FakeTopics topics = new FakeTopics();

    private SnapshotReader open() throws SnapshotException {
        return open(SETTLE);
    }

    private SnapshotReader open(Duration settle) throws SnapshotException {
        return new SnapshotReader(
                topics.consumer(),
                topics.consumer(),
                SnapshotTopics.DEFAULT,
                Snapshots.MODEL,
                settle);
    }

    private static PackedSnapshot pack(long epoch, long counter) {
        return Snapshots.pack(Snapshots.version(epoch, counter));
    }

    private static ModelVersion version(long epoch, long counter) {
        return Snapshots.version(epoch, counter);
    }

    private static void expect(Snapshot snapshot, long epoch, long counter) {
        assertThat(snapshot.version()).isEqualTo(version(epoch, counter));
        assertThat(snapshot.floats("a")).isEqualTo(Snapshots.ramp(10, 1000f * epoch + counter));
    }

    @Test
    void emptyTopicsHoldNothing() throws SnapshotException {
        try (SnapshotReader reader = open()) {
            assertThat(reader.latest()).isEmpty();
            assertThat(reader.versions()).isEmpty();
            assertThat(reader.next(SHORT)).isEmpty();
            assertThatThrownBy(() -> reader.version(version(0, 1)))
                    .hasMessage("expected snapshot default/0/1, found no snapshot of default");
        }
    }

    @Test
    void latestIsTheHighestVersionWhateverCameLast() throws SnapshotException {
        topics.write(pack(0, 9));
        topics.write(pack(1, 2));
        topics.write(pack(0, 10));
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 1, 2);
            topics.write(pack(1, 10));
            expect(reader.latest().orElseThrow(), 1, 10);
            assertThat(reader.versions())
                    .containsExactly(version(0, 9), version(0, 10), version(1, 2), version(1, 10));
        }
    }

    @Test
    void anyVersionIsFoundAmongMany() throws SnapshotException {
        for (int i = 1; i <= 60; i++) {
            topics.write(pack(0, i));
        }
        try (SnapshotReader reader = open()) {
            for (int i : new int[] {1, 60, 30, 1}) {
                expect(reader.version(version(0, i)), 0, i);
            }
            assertThatThrownBy(() -> reader.version(version(0, 61)))
                    .isInstanceOfSatisfying(
                            SnapshotException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND))
                    .hasMessage(
                            "expected snapshot default/0/61, found default/0/60, default/0/59,"
                                    + " default/0/58, default/0/57, default/0/56, ...");
        }
    }

    @Test
    void otherModelsAndStrangeKeysArePassedOver() throws SnapshotException {
        topics.append(FakeTopics.MANIFESTS, FakeTopics.key("not a key"), new byte[] {1});
        topics.append(FakeTopics.MANIFESTS, null, new byte[] {1});
        topics.append(FakeTopics.MANIFESTS, FakeTopics.key("other/7/7"), new byte[] {1});
        topics.write(pack(0, 1));
        topics.append(FakeTopics.CHUNKS.get(0), FakeTopics.key("default/0/1/0"), new byte[] {1});
        topics.append(FakeTopics.CHUNKS.get(0), null, new byte[] {1});
        try (SnapshotReader reader = open()) {
            assertThat(reader.versions()).containsExactly(version(0, 1));
            expect(reader.latest().orElseThrow(), 0, 1);
        }
    }

    @Test
    void anIncompleteSetIsPassedOver() throws SnapshotException {
        topics.write(pack(0, 1));
        PackedSnapshot incomplete = pack(0, 2);
        incomplete.chunks().subList(0, 2).forEach(topics::chunk);
        topics.manifest(incomplete.manifest());
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 0, 1);
            assertThatThrownBy(() -> reader.version(version(0, 2)))
                    .isInstanceOfSatisfying(
                            SnapshotException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.INCOMPLETE))
                    .hasMessageContaining("1 of 3 chunks missing");
        }
    }

    @Test
    void chunksWithoutManifestAreNoSnapshot() throws SnapshotException {
        pack(0, 1).chunks().forEach(topics::chunk);
        try (SnapshotReader reader = open()) {
            assertThat(reader.latest()).isEmpty();
        }
    }

    @Test
    void aDamagedChunkIsReportedAndPassedOver() throws SnapshotException {
        topics.write(pack(0, 1));
        PackedSnapshot packed = pack(0, 2);
        List<SnapshotChunk> chunks = new ArrayList<>(packed.chunks());
        chunks.set(2, Snapshots.damage(chunks.get(2)));
        topics.write(new PackedSnapshot(chunks, packed.manifest()));
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 0, 1);
            assertThatThrownBy(() -> reader.version(version(0, 2)))
                    .isInstanceOfSatisfying(
                            SnapshotException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
                    .hasMessageContaining("chunk 2: expected 24 bytes");
        }
    }

    @Test
    void aManifestThatIsNoneOrSomethingElseIsCorrupt() throws SnapshotException {
        topics.append(FakeTopics.MANIFESTS, FakeTopics.key("default/0/1"), new byte[] {1, 2});
        topics.append(
                FakeTopics.MANIFESTS,
                FakeTopics.key("default/0/2"),
                WireFormat.SNAPSHOT_MANIFEST.encode(pack(0, 1).manifest()));
        try (SnapshotReader reader = open()) {
            assertThatThrownBy(() -> reader.version(version(0, 1)))
                    .hasMessageContaining("manifest of default/0/1: expected Avro's single-object");
            assertThatThrownBy(() -> reader.version(version(0, 2)))
                    .hasMessageContaining("expected what its key says, found default/0/1");
            assertThatThrownBy(reader::latest)
                    .isInstanceOf(SnapshotException.class)
                    .hasMessageContaining(
                            "expected a usable snapshot of default, found none among 2");
        }
    }

    @Test
    void chunksMayArriveALittleAfterTheirManifest() throws SnapshotException {
        PackedSnapshot packed = pack(0, 1);
        topics.manifest(packed.manifest());
        // the first look sees one chunk of three, and the others land after it
        topics.chunk(packed.chunks().get(0));
        topics.afterEndOffsets(
                FakeTopics.CHUNKS, () -> packed.chunks().subList(1, 3).forEach(topics::chunk));
        try (SnapshotReader reader = open(Duration.ofSeconds(10))) {
            expect(reader.latest().orElseThrow(), 0, 1);
        }
    }

    @Test
    void aVersionWrittenAgainIsReadAsItNowIs() throws SnapshotException {
        topics.write(pack(0, 1));
        try (SnapshotReader reader = open()) {
            assertThat(reader.versions()).containsExactly(version(0, 1));
            PackedSnapshot again =
                    SnapshotWriter.pack(
                            Snapshots.header(version(0, 1)),
                            List.of(Tensor.vector("a", new float[] {5f})));
            topics.write(again);
            topics.remove(FakeTopics.MANIFESTS, 0);
            assertThat(reader.version(version(0, 1)).floats("a")).containsExactly(5f);
        }
    }

    @Test
    void aTombstoneTakesAVersionAway() throws SnapshotException {
        topics.write(pack(0, 1));
        topics.write(pack(0, 2));
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 0, 2);
            topics.tombstone(pack(0, 2));
            expect(reader.latest().orElseThrow(), 0, 1);
        }
    }

    @Test
    void nextGivesEveryUsableVersionOnce() throws SnapshotException {
        topics.write(pack(0, 2));
        topics.write(pack(0, 1));
        topics.manifest(pack(0, 3).manifest());
        try (SnapshotReader reader = open()) {
            expect(reader.next(SHORT).orElseThrow(), 0, 1);
            expect(reader.next(SHORT).orElseThrow(), 0, 2);
            assertThat(reader.next(SHORT)).isEmpty();
            topics.whenIdle(() -> topics.write(pack(1, 0)));
            expect(reader.next(Duration.ofSeconds(10)).orElseThrow(), 1, 0);
        }
    }

    @Test
    void nextGoesOnFromLatest() throws SnapshotException {
        topics.write(pack(0, 1));
        topics.write(pack(0, 2));
        try (SnapshotReader reader = open()) {
            expect(reader.latest().orElseThrow(), 0, 2);
            assertThat(reader.next(SHORT)).isEmpty();
            topics.write(pack(0, 3));
            expect(reader.next(SHORT).orElseThrow(), 0, 3);
        }
    }

    @Test
    void followEndsWhenTheFunctionSaysSoAndWhenStopped() throws SnapshotException {
        for (int i = 1; i <= 3; i++) {
            topics.write(pack(0, i));
        }
        try (SnapshotReader reader = open()) {
            List<Long> seen = new ArrayList<>();
            reader.follow(
                    snapshot -> {
                        seen.add(snapshot.version().getCounter());
                        return seen.size() < 2;
                    });
            assertThat(seen).containsExactly(1L, 2L);
            reader.follow(
                    snapshot -> {
                        seen.add(snapshot.version().getCounter());
                        reader.stop();
                        return true;
                    });
            assertThat(seen).containsExactly(1L, 2L, 3L);
            assertThat(reader.next(Duration.ofMinutes(1))).isEmpty();
        }
    }

    @Test
    void followTriesAgainWhileTheBrokerIsAway() throws SnapshotException {
        topics.write(pack(0, 1));
        topics.write(pack(0, 2));
        List<Long> seen = new ArrayList<>();
        try (SnapshotReader reader = open()) {
            topics.fail(List.of(FakeTopics.MANIFESTS), 2, new TimeoutException("away"));
            reader.follow(
                    snapshot -> {
                        seen.add(snapshot.version().getCounter());
                        // lost again, between a manifest and its chunks: no version is skipped
                        topics.fail(FakeTopics.CHUNKS, 1, new DisconnectException("lost"));
                        return seen.size() < 2;
                    });
        }
        assertThat(seen).containsExactly(1L, 2L);
        // the one set by the last call
        assertThat(topics.failuresLeft()).isEqualTo(1);
    }

    @Test
    void followEndsAtOnceWhereTryingAgainIsNoHelp() throws SnapshotException {
        try (SnapshotReader reader = open()) {
            topics.fail(
                    List.of(FakeTopics.MANIFESTS),
                    1,
                    new TopicAuthorizationException("not for you"));
            assertThatThrownBy(() -> reader.follow(snapshot -> true))
                    .isInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void stopEndsAFollowThatWaitsForTheBroker() throws Exception {
        try (SnapshotReader reader = open()) {
            topics.fail(
                    List.of(FakeTopics.MANIFESTS),
                    Integer.MAX_VALUE,
                    new TimeoutException("away for good"));
            CompletableFuture<Void> following =
                    CompletableFuture.runAsync(() -> reader.follow(snapshot -> true));
            assertThatThrownBy(() -> following.get(400, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            reader.stop();
            following.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aManifestIsReadWithoutItsChunks() throws SnapshotException {
        topics.manifest(pack(0, 1).manifest());
        topics.append(FakeTopics.MANIFESTS, FakeTopics.key("other/7/7"), new byte[] {1});
        try (SnapshotReader reader = open()) {
            assertThat(reader.manifest(version(0, 1)).getChunkCount()).isEqualTo(3);
            assertThat(reader.otherModels()).containsExactly("other");
            assertThatThrownBy(() -> reader.manifest(version(0, 2)))
                    .hasMessage("expected snapshot default/0/2, found default/0/1");
        }
    }

    @Test
    void aMissingTopicIsAnErrorAndClosesTheConsumers() {
        FakeTopics.CHUNKS.forEach(topics::deleteTopic);
        MockConsumer<byte[], byte[]> manifests = topics.consumer();
        MockConsumer<byte[], byte[]> chunks = topics.consumer();
        assertThatThrownBy(
                        () ->
                                new SnapshotReader(
                                        manifests,
                                        chunks,
                                        SnapshotTopics.DEFAULT,
                                        Snapshots.MODEL,
                                        SETTLE))
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining("expected the topic ebm.snapshots.chunks, found none");
        assertThat(manifests.closed()).isTrue();
        assertThat(chunks.closed()).isTrue();
    }

    @Test
    void argumentsAreChecked() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", "localhost:1");
        properties.put("isolation.level", "read_uncommitted");
        assertThatThrownBy(() -> SnapshotReader.open(properties, SnapshotTopics.DEFAULT, "default"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read_committed");
        assertThatThrownBy(() -> SnapshotReader.open("localhost:1", "a/b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("as model, found a/b");
        assertThatThrownBy(() -> new SnapshotTopics("same", "same"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SnapshotTopics("one", " "))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
