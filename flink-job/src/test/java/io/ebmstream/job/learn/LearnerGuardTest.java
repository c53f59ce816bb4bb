package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TamperedExecutor;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Guard rails in the operator: versions, events, freezing, and state that goes on. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class LearnerGuardTest {
    private static final int WARMUP = 8;
    private static final int IMAGES_PER_UPDATE = 2;
    private static final AtomicBoolean POISONED = new AtomicBoolean();

    private final List<PublishedModel> models = new ArrayList<>();
    private final List<UpdateReport> reports = new ArrayList<>();

    @AfterEach
    void cure() {
        POISONED.set(false);
    }

    @Test
    void aRollBackPublishesANewEpochFromTheVersionItWentBackTo() throws Exception {
        try (var harness = harness(setup(1e-4, 3))) {
            harness.open();
            // published after 2, 4 and 6 updates, a good state kept after 4
            updates(harness, 0, 7);
            POISONED.set(true);
            updates(harness, 7, 9);
            POISONED.set(false);
            updates(harness, 9, 11);
            collect(harness);
        }
        assertThat(models)
                .extracting(PublishedModel::version)
                .containsExactly(
                        new ModelVersion(0, 1),
                        new ModelVersion(0, 2),
                        new ModelVersion(0, 3),
                        new ModelVersion(1, 0),
                        new ModelVersion(1, 1));
        PublishedModel back = models.get(3);
        assertThat(back.parent()).isEqualTo(new ModelVersion(0, 2));
        assertThat(back.updates()).isEqualTo(4);
        assertThat(back.weights()).isEqualTo(models.get(1).weights());
        assertThat(models.get(4).parent()).isEqualTo(new ModelVersion(1, 0));
        assertThat(models.get(4).weights()).isNotEqualTo(models.get(2).weights());
        assertThat(reports.get(7).event()).contains("drop (not_finite)").contains("gradient");
        assertThat(reports.get(8).event()).contains("roll_back (not_finite)");
        assertThat(reports.get(8).published()).isEqualTo(new ModelVersion(1, 0));
        assertThat(reports.get(9).event()).isNull();
        assertThat(reports.get(9).update()).isEqualTo(5);
    }

    @Test
    void aFrozenLearnerReadsOnAndPublishesNoMoreUntilMoreRollBacksAreAllowed() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = harness(setup(1e-4, 3))) {
            harness.open();
            updates(harness, 0, 5);
            POISONED.set(true);
            updates(harness, 5, 11);
            POISONED.set(false);
            collect(harness);
            assertThat(reports.get(10).event()).contains("freeze (roll_backs)");
            assertThat(models.get(models.size() - 1).version()).isEqualTo(new ModelVersion(3, 0));
            updates(harness, 11, 14);
            snapshot = harness.snapshot(1, 1);
            collect(harness);
            assertThat(reports).hasSize(11);
        }
        try (var harness = harness(setup(1e-4, 3))) {
            harness.initializeState(snapshot);
            harness.open();
            updates(harness, 14, 17);
            collect(harness);
            assertThat(reports).hasSize(11);
        }
        try (var harness = harness(setup(1e-4, 4))) {
            harness.initializeState(snapshot);
            harness.open();
            updates(harness, 14, 18);
            harness.getOperator().finish();
            collect(harness);
        }
        assertThat(reports).hasSizeGreaterThan(13);
        PublishedModel last = models.get(models.size() - 1);
        assertThat(last.version().epoch()).isEqualTo(3);
        assertThat(last.version().counter()).isPositive();
    }

    /** A rate far too high rolls back by itself, at the same update in every run. */
    @Test
    void aRestoredOneGoesOnBitForBitThroughRollBacks() throws Exception {
        int images = WARMUP + 70 * IMAGES_PER_UPDATE;
        try (var harness = harness(setup(0.5, 3))) {
            harness.open();
            feed(harness, 0, images);
            harness.getOperator().finish();
            collect(harness);
        }
        assertThat(models).extracting(model -> model.version().epoch()).contains(1L);
        List<PublishedModel> whole = List.copyOf(models);
        List<UpdateReport> wholeReports = List.copyOf(reports);
        models.clear();
        reports.clear();
        OperatorSubtaskState snapshot = null;
        for (int from = 0; from < images; from += 37) {
            try (var harness = harness(setup(0.5, 3))) {
                if (snapshot != null) {
                    harness.initializeState(snapshot);
                }
                harness.open();
                feed(harness, from, Math.min(images, from + 37));
                Mails.run(harness, 9);
                if (from + 37 >= images) {
                    harness.getOperator().finish();
                }
                snapshot = harness.snapshot(1, 1);
                collect(harness);
            }
        }
        assertThat(models)
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .ignoringFields("chainEnergy")
                .isEqualTo(whole);
        assertThat(reports)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("millis", "event")
                .isEqualTo(wholeReports);
    }

    private static LearnerSetup setup(double rate, int maxRollBacks) {
        ComputeChoice poisonable =
                context ->
                        new Executors.Choice(
                                new TamperedExecutor(LearnerGuardTest::poison),
                                Precision.FLOAT32,
                                List.of());
        return new LearnerSetup(
                "default",
                () -> config(rate),
                () ->
                        GuardConfig.DATA_STARTS
                                .withWindows(20, 20)
                                .withMeasurements(1000)
                                .withRollBacks(4, 2, maxRollBacks),
                LearnerWeights::random,
                poisonable,
                2,
                0,
                1000,
                Duration.ofNanos(1));
    }

    private static LearnerConfig config(double rate) {
        return LearnerConfig.builder(TestModels.network())
                .langevin(LangevinConfig.of(1e-2, 1e-3))
                .learningRate(Schedule.constant(rate))
                .steps(2)
                .batch(4)
                .part(4)
                .bankSize(40)
                .replayCapacity(40)
                .warmupImages(WARMUP)
                .imagesPerUpdate(IMAGES_PER_UPDATE)
                .build();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>
            harness(LearnerSetup setup) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnerOperatorFactory(setup), image -> "default/0", Types.STRING, 16, 1, 0);
    }

    /** Feeds what makes updates {@code from} to {@code to} due and works them off. */
    private static void updates(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            int from,
            int to)
            throws Exception {
        for (int i = from; i < to; i++) {
            int first = i == 0 ? 0 : WARMUP + (i - 1) * IMAGES_PER_UPDATE;
            feed(harness, first, WARMUP + i * IMAGES_PER_UPDATE);
            Mails.runAll(harness);
        }
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

    private void collect(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness) {
        models.addAll(harness.extractOutputValues());
        harness.getOutput().clear();
        Queue<StreamRecord<UpdateReport>> found = harness.getSideOutput(LearnerOperator.REPORTS);
        if (found != null) {
            found.forEach(record -> reports.add(record.getValue()));
            found.clear();
        }
    }

    /** Makes weight gradients no numbers while that is asked for. */
    private static void poison(String method, Object[] arguments) {
        if (POISONED.get() && method.equals("parameterGradient")) {
            ((INDArray) arguments[2]).putScalar(0, Float.NaN);
        }
    }
}
