package io.ebmstream.job.snapshot;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.StreamFlatMap;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** An encoder that has three versions in Kafka and keeps three. */
class KeptSnapshotRestoreTest
        extends RestoreContract<OneInputStreamOperatorTestHarness<PublishedModel, OutgoingRecord>> {
    private static final byte[] WEIGHTS =
            FloatBytes.toBytes(Initializer.weights(TestModels.network(), 3));

    KeptSnapshotRestoreTest() {
        super("snapshots", 1, 2);
    }

    @Override
    protected OneInputStreamOperatorTestHarness<PublishedModel, OutgoingRecord> harness()
            throws Exception {
        SnapshotSetup setup =
                new SnapshotSetup(
                        TestModels.network().toJson(),
                        Map.of(),
                        2e-2,
                        1e-4,
                        0,
                        0,
                        50,
                        Map.of(),
                        3,
                        "manifests",
                        "chunks");
        return new OneInputStreamOperatorTestHarness<>(
                new StreamFlatMap<>(new SnapshotEncoder(setup)), 16, 1, 0);
    }

    @Override
    protected void begin(OneInputStreamOperatorTestHarness<PublishedModel, OutgoingRecord> harness)
            throws Exception {
        harness.processElement(model(0, 1));
        harness.processElement(model(0, 2));
        harness.processElement(model(1, 0));
    }

    @Override
    protected void goOn(OneInputStreamOperatorTestHarness<PublishedModel, OutgoingRecord> harness)
            throws Exception {
        harness.processElement(model(1, 1));
        harness.processElement(model(1, 2));
    }

    @Override
    protected Map<String, String> states() {
        return Map.of("kept-snapshots", "KeptSnapshot");
    }

    /** What goes: what comes names the software that runs. */
    @Override
    protected List<String> outputs(
            OneInputStreamOperatorTestHarness<PublishedModel, OutgoingRecord> harness) {
        return harness.extractOutputValues().stream()
                .filter(record -> record.value() == null)
                .map(r -> r.topic() + " " + new String(r.key(), StandardCharsets.UTF_8))
                .toList();
    }

    private static StreamRecord<PublishedModel> model(long epoch, long counter) {
        return new StreamRecord<>(
                new PublishedModel(
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
                        "reference/float32"));
    }
}
