package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.AverageFeed;
import io.ebmstream.job.shards.AveragerOperatorFactory;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.job.shards.RoundPlan;
import io.ebmstream.job.shards.ShardLayout;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two shards of a learner and their averager, whose averages come back late, once or twice. */
// the harness's close() throws Exception
@SuppressWarnings("try")
@Timeout(120)
class ShardedLearnerTest {
    private static final LearnerSetup.Extras HANDING_ON =
            new LearnerSetup.Extras(true, 0, null, null);

    private static final int IMAGES = 60;
    private static final int WARMUP = 6;
    private static final int IMAGES_PER_UPDATE = 4;
    private static final int EVERY = 2;
    private static final ShardLayout LAYOUT = new ShardLayout("default", 2, 16);
    private static final RoundPlan PLAN = new RoundPlan(2, 2, WARMUP, IMAGES_PER_UPDATE, EVERY);

    /** Where the learner under test reads its averages. */
    private static AverageFeed.Sink sink;

    private static LearnerSetup setup(long maxUpdates) {
        return setup(maxUpdates, 100);
    }

    private static LearnerSetup setup(long maxUpdates, int queue) {
        return new LearnerSetup(
                "default",
                () ->
                        LearnerConfig.builder(TestModels.network())
                                .steps(2)
                                .batch(4)
                                .part(2)
                                .bankSize(16)
                                .replayCapacity(40)
                                .warmupImages(WARMUP)
                                .imagesPerUpdate(IMAGES_PER_UPDATE)
                                .build(),
                () -> GuardConfig.DATA_STARTS,
                LearnerWeights::random,
                TestModels.REFERENCE,
                1,
                maxUpdates,
                queue,
                Duration.ofNanos(1));
    }

    private static LearnerSharding sharding(boolean placed) {
        return new LearnerSharding(
                LAYOUT,
                EVERY,
                placed,
                Duration.ofSeconds(5),
                opened -> {
                    sink = opened;
                    return () -> {};
                });
    }

    /** Learner and averager with what they gave. */
    private static final class Run implements AutoCloseable {
        final KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> learner;
        final KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> averager;
        final Outcome outcome;

        /** Averages that are written, but not yet committed. */
        final ArrayDeque<Average> written = new ArrayDeque<>();

        Run(LearnerSetup setup, boolean placed, OperatorSubtaskState[] from, Outcome outcome)
                throws Exception {
            this.outcome = outcome;
            learner =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new LearnerOperatorFactory(setup, sharding(placed)),
                            image -> LAYOUT.key(LAYOUT.shardOf(image.partition())),
                            Types.STRING,
                            16,
                            1,
                            0);
            averager =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new AveragerOperatorFactory(2),
                            Contribution::model,
                            Types.STRING,
                            16,
                            1,
                            0);
            if (from != null) {
                learner.initializeState(from[0]);
                averager.initializeState(from[1]);
            }
            learner.open();
            averager.open();
            averager.setProcessingTime(1);
            move();
        }

        /** Moves what came out of each to where it goes. */
        void move() throws Exception {
            learner.extractOutputValues().forEach(outcome::published);
            learner.getOutput().clear();
            drain(LearnerOperator.TAKEN).forEach(outcome::taken);
            drain(LearnerOperator.REPORTS)
                    .forEach(r -> outcome.reports.add(r.shard() + "/" + r.update()));
            for (Contribution part : drain(LearnerOperator.CONTRIBUTIONS)) {
                averager.processElement(new StreamRecord<>(part));
            }
            averager.extractOutputValues().forEach(written::add);
            averager.getOutput().clear();
        }

        private <T> List<T> drain(org.apache.flink.util.OutputTag<T> tag) {
            List<T> all = new ArrayList<>();
            Queue<StreamRecord<T>> records = learner.getSideOutput(tag);
            if (records != null) {
                records.forEach(record -> all.add(record.getValue()));
                records.clear();
            }
            return all;
        }

        void feed(int image, int mails) throws Exception {
            learner.processElement(new StreamRecord<>(TestModels.image(image, "stream")));
            Mails.run(learner, mails);
            move();
        }

        void mark() throws Exception {
            for (int shard = 0; shard < 2; shard++) {
                learner.processElement(new StreamRecord<>(ImageEvent.endOfRound(shard)));
            }
        }

        void commit() throws Exception {
            while (!written.isEmpty()) {
                sink.average(written.poll());
            }
        }

        /** Works off all that can be. */
        void settle() throws Exception {
            do {
                Mails.runAll(learner);
                move();
                commit();
            } while (Mails.run(learner, 1) > 0);
            move();
        }

        OperatorSubtaskState[] checkpoint() throws Exception {
            return new OperatorSubtaskState[] {learner.snapshot(1, 1), averager.snapshot(1, 1)};
        }

        @Override
        public void close() throws Exception {
            learner.close();
            averager.close();
        }
    }

    /** In a form that can be compared. */
    private static final class Outcome {
        final Map<ModelVersion, PublishedModel> models = new TreeMap<>();
        final Map<String, String> taken = new HashMap<>();
        final List<String> reports = new ArrayList<>();

        void published(PublishedModel model) {
            assertThat(models.put(model.version(), model)).as("%s", model.version()).isNull();
        }

        void taken(ImageEvent image) {
            assertThat(taken.put(image.imageId(), image.version().toString())).isNull();
        }
    }

    private static void lockstep(Run run, int from, int to, int mails, int commitEvery)
            throws Exception {
        for (int i = from; i < to; i++) {
            run.feed(i, mails);
            if (i % 2 == 1 && PLAN.endsAfter((i + 1) / 2)) {
                run.mark();
            }
            if (i % commitEvery == 0) {
                run.commit();
            }
        }
    }

    private static Outcome whole() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(0).with(HANDING_ON), true, null, outcome)) {
            lockstep(run, 0, IMAGES, 100, 1);
            run.settle();
        }
        return outcome;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 3, 1",
        "2, 19, 4, 7",
        "5, 20, 9, 5",
        "7, 21, 1, 9",
        "40, 24, 2, 30",
        "3, 33, 5, 11",
        "0, 37, 0, 25",
        "60, 45, 0, 1",
        "100, 60, 4, 60"
    })
    void inLockstepNothingDependsOnTimingAndFailures(int mails, int cut, int more, int commitEvery)
            throws Exception {
        Outcome parts = new Outcome();
        OperatorSubtaskState[] state;
        try (Run run = new Run(setup(0).with(HANDING_ON), true, null, parts)) {
            lockstep(run, 0, cut, mails, commitEvery);
            state = run.checkpoint();
            // lost with the failure, an average on its way among it
            Mails.run(run.learner, more);
        }
        try (Run run = new Run(setup(0).with(HANDING_ON), true, state, parts)) {
            lockstep(run, cut, IMAGES, mails, commitEvery);
            run.settle();
        }

        Outcome whole = whole();
        assertThat(parts.taken).isEqualTo(whole.taken);
        assertThat(parts.models)
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole.models);
    }

    @Test
    void eachRoundIsAVersionThatTheImagesAfterItAreHandedOnWith() throws Exception {
        Outcome whole = whole();
        Map<String, String> expected = new HashMap<>();
        long version = 0;
        for (int i = 0; i < IMAGES; i++) {
            expected.put("image-" + i, new ModelVersion(0, version).toString());
            version += i % 2 == 1 && PLAN.endsAfter((i + 1) / 2) ? 1 : 0;
        }
        assertThat(whole.taken).isEqualTo(expected);
        assertThat(whole.models).hasSize((int) version).hasSizeGreaterThan(2);
        PublishedModel last = whole.models.get(new ModelVersion(0, 2));
        assertThat(last.parent()).isEqualTo(new ModelVersion(0, 1));
        assertThat(last.updates()).isEqualTo(2 * EVERY);
        assertThat(last.offsets()).isEqualTo(Map.of("ebm.images-0", 18L, "ebm.images-1", 18L));
        assertThat(last.imagesSeen()).isEqualTo(36);
        assertThat(last.anchorEnergies()).isNotEmpty();
        // both learn, each for itself
        assertThat(whole.reports).contains("0/1", "1/1", "0/4", "1/4").doesNotHaveDuplicates();
    }

    @Test
    void elseAShardThatWaitsHoldsNobodyUpAndDrivesNoUpdates() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(0), false, null, outcome)) {
            // images of shard 0 alone: two updates, then it waits
            for (int i = 0; i < 400; i += 2) {
                run.feed(i, 100);
            }
            assertThat(outcome.reports).containsExactly("0/1", "0/2");
            assertThat(outcome.models).isEmpty();
            // the other one's turn
            for (int i = 1; i < 2 * (WARMUP + IMAGES_PER_UPDATE); i += 2) {
                run.feed(i, 100);
            }
            run.settle();
            assertThat(outcome.models).containsOnlyKeys(new ModelVersion(0, 1));
            assertThat(outcome.models.get(new ModelVersion(0, 1)).imagesSeen())
                    .as("images seen when the parts were handed in")
                    .isEqualTo(2 * (WARMUP + IMAGES_PER_UPDATE));
            run.feed(400, 100);
            assertThat(outcome.reports).containsExactly("0/1", "0/2", "1/1", "1/2", "0/3");
        }
    }

    @Test
    void elseARestoredShardStillWaitsAndGoesOn() throws Exception {
        Outcome outcome = new Outcome();
        OperatorSubtaskState[] state;
        try (Run run = new Run(setup(0), false, null, outcome)) {
            for (int i = 0; i < 2 * (WARMUP + 2 * IMAGES_PER_UPDATE); i += 2) {
                run.feed(i, 100);
            }
            state = run.checkpoint();
        }
        try (Run run = new Run(setup(0), false, state, outcome)) {
            run.settle();
            assertThat(outcome.reports).containsExactly("0/1", "0/2");
            for (int i = 1; i < 2 * (WARMUP + IMAGES_PER_UPDATE); i += 2) {
                run.feed(i, 100);
            }
            run.settle();
            assertThat(outcome.models).containsOnlyKeys(new ModelVersion(0, 1));
        }
    }

    @Test
    void afterTheLastUpdateNoRoundBegins() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(3).with(HANDING_ON), true, null, outcome)) {
            lockstep(run, 0, IMAGES, 100, 1);
            run.settle();
        }
        assertThat(outcome.taken).hasSize(IMAGES);
        assertThat(outcome.models).containsOnlyKeys(new ModelVersion(0, 1), new ModelVersion(0, 2));
        assertThat(outcome.models.get(new ModelVersion(0, 2)).updates()).isEqualTo(3);
    }

    @Test
    void anAverageThatHoldsAnotherPartIsNotTaken() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(0).with(HANDING_ON), true, null, outcome)) {
            lockstep(run, 0, IMAGES / 2, 100, 1_000);
            Mails.runAll(run.learner);
            run.move();
            Average real = run.written.poll();
            assertThat(real).isNotNull();
            sink.average(strange(real));
            Mails.runAll(run.learner);
            run.move();
            assertThat(outcome.models).isEmpty();
            sink.average(real);
            sink.average(real);
            Mails.runAll(run.learner);
            run.move();
            assertThat(outcome.models).hasSize(1);
        }
    }

    @Test
    void aFullQueueHoldsTheInputUpUntilTheAverageComes() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(0, 4).with(HANDING_ON), true, null, outcome)) {
            Average average = feedUpToTheFirstRound(run);
            Thread committer = later(() -> sink.average(average));
            // holds up to 4 images for each shard
            lockstep(run, 20, 36, 0, 1_000);
            committer.join();
            run.settle();
            assertThat(outcome.models).containsKey(new ModelVersion(0, 1));
            assertThat(outcome.taken).containsEntry("image-30", "0.1");
        }
    }

    @Test
    void aFullQueueGivesWayInTheEndSoThatBarriersInLineComeThrough() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(0, 4).with(HANDING_ON), true, null, outcome)) {
            Average average = feedUpToTheFirstRound(run);
            Thread clock =
                    later(
                            () -> {
                                run.learner.setProcessingTime(6_000);
                                // any mail wakes who waits
                                sink.average(strange(average));
                            });
            // the fourth of shard 0 fills its queue
            lockstep(run, 20, 27, 0, 1_000);
            clock.join();
            Mails.runAll(run.learner);
            run.move();
            assertThat(outcome.taken).hasSize(20);
            assertThat(outcome.models).isEmpty();
            sink.average(average);
            run.settle();
            assertThat(outcome.taken).hasSize(27);
        }
    }

    /** The same, but of parts that were never handed in here. */
    private static Average strange(Average real) {
        return new Average(
                real.model(),
                real.round(),
                real.version(),
                real.parent(),
                real.weights(),
                real.average(),
                real.moments(),
                real.updates(),
                real.worked(),
                real.imagesSeen(),
                real.eventTime(),
                real.offsets(),
                Map.of(0, "of another", 1, "run"));
    }

    private static Average feedUpToTheFirstRound(Run run) throws Exception {
        lockstep(run, 0, 20, 100, 1_000);
        Mails.runAll(run.learner);
        run.move();
        return run.written.poll();
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Thread later(Action action) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(300);
                                action.run();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        thread.start();
        return thread;
    }

    @Test
    void whatWaitsAtTheEndOfTheInputIsHandedOn() throws Exception {
        Outcome outcome = new Outcome();
        try (Run run = new Run(setup(0).with(HANDING_ON), true, null, outcome)) {
            lockstep(run, 0, IMAGES, 100, 1_000);
            run.learner.getOperator().finish();
            run.move();
        }
        assertThat(outcome.taken).hasSize(IMAGES);
    }

    @Test
    void anotherNumberOfShardsIsRefused() throws Exception {
        OperatorSubtaskState[] state;
        try (Run run = new Run(setup(0), false, null, new Outcome())) {
            run.feed(0, 10);
            run.feed(1, 10);
            state = run.checkpoint();
        }
        var alone =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new LearnerOperatorFactory(setup(0)),
                        (ImageEvent image) -> "default/0",
                        Types.STRING,
                        16,
                        1,
                        0);
        try (alone) {
            alone.initializeState(state[0]);
            assertThatThrownBy(alone::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected ebm.learner.shards 2 as in the saved state")
                    .hasMessageContaining("found 1");
        }
    }
}
