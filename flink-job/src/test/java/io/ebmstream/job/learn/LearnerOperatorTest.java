package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

// the harness's close() throws Exception
@SuppressWarnings("try")
class LearnerOperatorTest {
    private static final int IMAGES = 60;
    private static final int WARMUP = 8;
    private static final int IMAGES_PER_UPDATE = 6;

    /** A slice of no time is one indivisible piece of work, so that a cut may fall anywhere. */
    private static final Duration PIECE = Duration.ofNanos(1);

    /** What a run gave, in a form that can be compared. */
    private record Outcome(List<PublishedModel> models, List<UpdateReport> reports) {}

    @ParameterizedTest
    @CsvSource({"5, 0", "8, 0", "8, 1", "8, 2", "9, 4", "20, 3", "35, 7", "35, 25", "60, 11"})
    void aRestoredLearnerGoesOnBitForBit(int imagesBefore, int mailsBefore) throws Exception {
        Outcome whole = new Outcome(new ArrayList<>(), new ArrayList<>());
        try (var harness = harness(setup(0))) {
            harness.open();
            feed(harness, 0, IMAGES);
            end(harness, whole);
        }

        Outcome parts = new Outcome(new ArrayList<>(), new ArrayList<>());
        OperatorSubtaskState snapshot;
        try (var harness = harness(setup(0))) {
            harness.open();
            feed(harness, 0, imagesBefore);
            Mails.run(harness, mailsBefore);
            snapshot = harness.snapshot(1, 1);
            collect(harness, parts);
            // work after the checkpoint is lost and must be repeated
            Mails.run(harness, 5);
        }
        try (var harness = harness(setup(0))) {
            harness.initializeState(snapshot);
            harness.open();
            feed(harness, imagesBefore, IMAGES);
            end(harness, parts);
        }

        assertThat(parts.models())
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole.models());
        assertThat(parts.reports())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("millis", "event")
                .isEqualTo(whole.reports());
        assertThat(whole.reports()).hasSize(1 + (IMAGES - WARMUP) / IMAGES_PER_UPDATE);
    }

    @Test
    void restoresTwiceFromIncrementalWritesOfChangedChunks() throws Exception {
        Outcome whole = new Outcome(new ArrayList<>(), new ArrayList<>());
        try (var harness = harness(setup(0))) {
            harness.open();
            feed(harness, 0, IMAGES);
            end(harness, whole);
        }
        Outcome parts = new Outcome(new ArrayList<>(), new ArrayList<>());
        OperatorSubtaskState snapshot = null;
        for (int from = 0; from < IMAGES; from += 20) {
            try (var harness = harness(setup(0))) {
                if (snapshot != null) {
                    harness.initializeState(snapshot);
                }
                harness.open();
                feed(harness, from, from + 10);
                Mails.run(harness, 9);
                harness.snapshot(1, 1);
                feed(harness, from + 10, from + 20);
                Mails.run(harness, 9);
                snapshot = harness.snapshot(2, 2);
                collect(harness, parts);
            }
        }
        try (var harness = harness(setup(0))) {
            harness.initializeState(snapshot);
            harness.open();
            end(harness, parts);
        }
        assertThat(parts.models())
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole.models());
    }

    @Test
    void publishesEveryFewUpdatesAndTheLastOfAll() throws Exception {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
        try (var harness = harness(setup(5))) {
            harness.open();
            feed(harness, 0, IMAGES);
            end(harness, outcome);
        }
        assertThat(outcome.models())
                .extracting(PublishedModel::version, PublishedModel::updates)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(new ModelVersion(0, 1), 2L),
                        org.assertj.core.groups.Tuple.tuple(new ModelVersion(0, 2), 4L),
                        org.assertj.core.groups.Tuple.tuple(new ModelVersion(0, 3), 5L));
        assertThat(outcome.reports()).hasSize(5);
        assertThat(outcome.reports())
                .extracting(UpdateReport::published)
                .containsExactly(
                        null,
                        new ModelVersion(0, 1),
                        null,
                        new ModelVersion(0, 2),
                        new ModelVersion(0, 3));
        PublishedModel last = outcome.models().get(2);
        assertThat(last.parent()).isEqualTo(new ModelVersion(0, 2));
        assertThat(last.weights()).hasSize(Float.BYTES * TestModels.network().parameterCount());
        assertThat(last.samplesPng()).startsWith((byte) 0x89, 'P', 'N', 'G');
    }

    @Test
    void saysHowFarItHasReadWithoutTheImagesThatWait() throws Exception {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
        try (var harness = harness(setup(0))) {
            harness.open();
            // the second update is due with image 13, the third with 19: image 20 waits
            feed(harness, 0, WARMUP + IMAGES_PER_UPDATE);
            Mails.runAll(harness);
            collect(harness, outcome);
        }
        assertThat(outcome.models()).hasSize(1);
        assertThat(outcome.models().get(0).offsets())
                .isEqualTo(Map.of("ebm.images-0", 7L, "ebm.images-1", 7L));
    }

    @Test
    void aFullQueueHoldsTheInputUpUntilThereIsRoom() throws Exception {
        try (var harness = harness(setup(0))) {
            harness.open();
            // nobody runs mails here but the operator itself
            feed(harness, 0, IMAGES);
            Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
            collect(harness, outcome);
            assertThat(outcome.reports()).isNotEmpty();
            end(harness, outcome);
            assertThat(outcome.reports()).hasSize(1 + (IMAGES - WARMUP) / IMAGES_PER_UPDATE);
        }
    }

    private static LearnerSetup setup(long maxUpdates) {
        return new LearnerSetup(
                "default",
                LearnerOperatorTest::config,
                () -> GuardConfig.DATA_STARTS,
                LearnerWeights::random,
                TestModels.REFERENCE,
                2,
                maxUpdates,
                40,
                PIECE);
    }

    private static LearnerConfig config() {
        return LearnerConfig.builder(TestModels.network())
                .steps(3)
                .batch(4)
                .part(2)
                .bankSize(48)
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

    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            int from,
            int to)
            throws Exception {
        for (int i = from; i < to; i++) {
            harness.processElement(new StreamRecord<>(TestModels.image(i, "stream")));
        }
    }

    private static void end(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            Outcome outcome)
            throws Exception {
        harness.getOperator().finish();
        collect(harness, outcome);
    }

    private static void collect(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            Outcome outcome) {
        outcome.models().addAll(harness.extractOutputValues());
        harness.getOutput().clear();
        Queue<StreamRecord<UpdateReport>> reports = harness.getSideOutput(LearnerOperator.REPORTS);
        if (reports != null) {
            reports.forEach(record -> outcome.reports().add(record.getValue()));
            reports.clear();
        }
    }
}
