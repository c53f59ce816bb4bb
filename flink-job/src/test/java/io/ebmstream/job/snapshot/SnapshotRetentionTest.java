package io.ebmstream.job.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Only the last versions stay in Kafka. */
class SnapshotRetentionTest {
    // large enough for two chunks of 900 KiB
    private static final Network NETWORK = Light32.of(TestModels.SHAPE, 42);
    private static final byte[] WEIGHTS = FloatBytes.toBytes(Initializer.weights(NETWORK, 3));

    private static SnapshotSetup setup(int keep) {
        return new SnapshotSetup(
                NETWORK.toJson(),
                Map.of(),
                2e-2,
                1e-4,
                0,
                0,
                50,
                Map.of(),
                keep,
                "manifests",
                "chunks");
    }

    private static PublishedModel model(long epoch, long counter) {
        return new PublishedModel(
                "default",
                new ModelVersion(epoch, counter),
                ModelVersion.INITIAL,
                WEIGHTS,
                Map.of(),
                4,
                100,
                9,
                Map.of(),
                new double[0],
                1.5,
                new double[0],
                new double[0],
                null,
                "reference/float32");
    }

    /** Topics and keys of what goes. */
    private static List<String> gone(List<OutgoingRecord> records) {
        return records.stream()
                .filter(record -> record.value() == null)
                .map(r -> r.topic() + " " + new String(r.key(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> of(String version) {
        return List.of(
                "manifests default/" + version,
                "chunks default/" + version + "/0",
                "chunks default/" + version + "/1");
    }

    @Test
    void theOldestGoesWhenANewOneIsWholeAlsoAfterAFailure() throws Exception {
        OperatorSubtaskState saved;
        try (EncoderHarness encoder = new EncoderHarness(setup(2), null)) {
            List<OutgoingRecord> first = encoder.publish(model(1, 7));
            assertThat(first).hasSize(3);
            assertThat(gone(first)).isEmpty();
            assertThat(gone(encoder.publish(model(1, 8)))).isEmpty();
            saved = encoder.checkpoint();
            List<OutgoingRecord> third = encoder.publish(model(1, 9));
            // first the new version, then what goes
            assertThat(gone(third)).isEqualTo(of("1/7"));
            assertThat(gone(third.subList(3, 6))).isEqualTo(of("1/7"));
        }
        try (EncoderHarness encoder = new EncoderHarness(setup(2), saved)) {
            // what came after the checkpoint was never committed, and is said again
            assertThat(gone(encoder.publish(model(1, 9)))).isEqualTo(of("1/7"));
            assertThat(gone(encoder.publish(model(2, 0)))).isEqualTo(of("1/8"));
            assertThat(gone(encoder.publish(model(2, 1)))).isEqualTo(of("1/9"));
        }
        try (EncoderHarness fewer = new EncoderHarness(setup(1), saved)) {
            assertThat(gone(fewer.publish(model(1, 9)))).hasSize(6).containsAll(of("1/8"));
        }
    }

    @Test
    void allStayWhereNothingIsSaid() throws Exception {
        OperatorSubtaskState saved;
        try (EncoderHarness encoder = new EncoderHarness(setup(0), null)) {
            for (int i = 1; i < 5; i++) {
                assertThat(gone(encoder.publish(model(0, i)))).isEmpty();
            }
            saved = encoder.checkpoint();
        }
        // those that were published before are not known
        try (EncoderHarness encoder = new EncoderHarness(setup(1), saved)) {
            assertThat(gone(encoder.publish(model(0, 5)))).isEmpty();
            assertThat(gone(encoder.publish(model(0, 6)))).isEqualTo(of("0/5"));
        }
    }
}
