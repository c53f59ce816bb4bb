package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.state.Backend;
import io.ebmstream.job.state.Bits;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** A learner with an update half done, images that wait and versions published. */
class LearnerRestoreTest
        extends RestoreContract<
                KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>> {
    private static final int BEFORE = 24;
    private static final int IMAGES = 34;

    LearnerRestoreTest() {
        super("learner", 1, 2, 3);
    }

    private static LearnerConfig config() {
        return LearnerConfig.builder(TestModels.network())
                .steps(2)
                .batch(4)
                .part(2)
                .bankSize(12)
                .replayCapacity(12)
                .warmupImages(8)
                .imagesPerUpdate(6)
                .build();
    }

    @Override
    protected KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness()
            throws Exception {
        LearnerSetup setup =
                new LearnerSetup(
                        "default",
                        LearnerRestoreTest::config,
                        () -> GuardConfig.DATA_STARTS,
                        LearnerWeights::random,
                        TestModels.REFERENCE,
                        2,
                        0,
                        100,
                        Duration.ofNanos(1));
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnerOperatorFactory(setup), image -> "default/0", Types.STRING, 16, 1, 0);
    }

    @Override
    protected void begin(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness)
            throws Exception {
        feed(harness, 0, 14);
        Mails.runAll(harness);
        feed(harness, 14, BEFORE);
        Mails.run(harness, 3);
    }

    @Override
    protected void goOn(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness)
            throws Exception {
        feed(harness, BEFORE, IMAGES);
        harness.getOperator().finish();
    }

    @Override
    protected Map<String, String> states() {
        return Map.ofEntries(
                Map.entry("learner-core", "BytePrimitiveArraySerializer"),
                Map.entry("learner-pieces", "StringSerializer to BytePrimitiveArraySerializer"),
                Map.entry("learner-bank", "IntSerializer to BytePrimitiveArraySerializer"),
                Map.entry("learner-replay", "IntSerializer to BytePrimitiveArraySerializer"),
                Map.entry("learner-progress", "Progress"),
                Map.entry("learner-versions", "LongSerializer to ModelVersion"),
                Map.entry("learner-offsets", "StringSerializer to LongSerializer"),
                Map.entry("learner-queue", "list of ImageEvent"),
                Map.entry("learner-rounds", "Saved"),
                Map.entry("learner-orders", "OrdersSaved"),
                Map.entry("learner-orders-waiting", "list of ControlOrder"),
                Map.entry("learner-versions-kept", "StringSerializer to KeptModel"),
                Map.entry("learner-gate", "GateSaved"),
                Map.entry("learner-blocks", "StringSerializer to BytePrimitiveArraySerializer"));
    }

    @Override
    protected List<String> outputs(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness) {
        return harness.extractOutputValues().stream().map(Bits::of).toList();
    }

    /** Once it fails, this Flink's ForSt can take part in the savepoint tests. */
    @Test
    void forStOpensNoCanonicalSavepointsYet() throws Exception {
        OperatorSubtaskState savepoint = half(Backend.HEAP, new ArrayList<>(), true);
        assertThatThrownBy(() -> rest(Backend.FORST, savepoint))
                .hasRootCauseInstanceOf(UnsupportedOperationException.class)
                .hasRootCauseMessage("Not support restoring yet for ForStStateBackend");
    }

    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            int from,
            int to)
            throws Exception {
        for (int i = from; i < to; i++) {
            harness.processElement(new StreamRecord<>(TestModels.image(i, "stream")));
        }
    }
}
