package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** A learner that is fed poison. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class AdmissionTest {
    private static final int KNOWN = 40;
    private static final double LIMIT = 8;

    private static LearnerSetup setup(double admission) {
        return new LearnerSetup(
                        "default",
                        () ->
                                LearnerConfig.builder(TestModels.network())
                                        .steps(2)
                                        .batch(4)
                                        .part(2)
                                        .bankSize(24)
                                        .replayCapacity(32)
                                        .warmupImages(8)
                                        .imagesPerUpdate(6)
                                        .build(),
                        () -> GuardConfig.DATA_STARTS,
                        LearnerWeights::random,
                        TestModels.REFERENCE,
                        1,
                        0,
                        40,
                        Duration.ofNanos(1))
                .with(new LearnerSetup.Extras(false, admission, null, null));
    }

    /** The known kind are dark, smooth images; poison is black and white from pixel to pixel. */
    private static ImageEvent image(int i, boolean poison) {
        ImageEvent like = TestModels.image(i, "stream");
        byte[] pixels = new byte[like.pixels().length];
        for (int p = 0; p < pixels.length; p++) {
            pixels[p] = (byte) (poison ? (p % 2) * 255 : 100 + (i * 7 + p / 16) % 12);
        }
        return new ImageEvent(
                like.imageId(),
                like.streamId(),
                like.eventTime(),
                like.height(),
                like.width(),
                like.channels(),
                pixels,
                like.label(),
                like.latent(),
                like.topic(),
                like.partition(),
                like.offset(),
                like.version());
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>
            harness(double admission) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnerOperatorFactory(setup(admission)),
                image -> "default/0",
                Types.STRING,
                16,
                1,
                0);
    }

    /** What a run gave: its versions, and what happened. */
    private record Outcome(List<PublishedModel> models, List<String> events) {
        List<ByteBuffer> weights() {
            return models.stream().map(m -> ByteBuffer.wrap(m.weights())).toList();
        }

        void take(KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> from) {
            models.addAll(from.extractOutputValues());
            from.getOutput().clear();
            Queue<StreamRecord<UpdateReport>> reports = from.getSideOutput(LearnerOperator.REPORTS);
            if (reports != null) {
                reports.forEach(r -> events.add(r.getValue().event()));
                reports.clear();
            }
        }
    }

    /** Feeds known images, every third one followed by poison once some are known. */
    private static Outcome run(double admission, boolean poisoned, int cutAt) throws Exception {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
        OperatorSubtaskState snapshot = null;
        for (int[] range : new int[][] {{0, cutAt}, {cutAt, KNOWN}}) {
            try (var harness = harness(admission)) {
                if (snapshot != null) {
                    harness.initializeState(snapshot);
                }
                harness.open();
                for (int i = range[0]; i < range[1]; i++) {
                    harness.processElement(new StreamRecord<>(image(i, false)));
                    if (poisoned && i > 10 && i % 3 == 0) {
                        Mails.runAll(harness);
                        harness.processElement(new StreamRecord<>(image(1_000 + i, true)));
                    }
                }
                Mails.run(harness, 3);
                if (range[1] == KNOWN) {
                    harness.getOperator().finish();
                } else {
                    snapshot = harness.snapshot(1, 1);
                }
                outcome.take(harness);
            }
        }
        return outcome;
    }

    @Test
    void poisonDoesNotChangeWhatIsLearned() throws Exception {
        Outcome clean = run(LIMIT, false, 20);
        assertThat(clean.events()).noneMatch(e -> e != null && e.contains("kept out"));
        assertThat(clean.models()).hasSizeGreaterThan(4);
        for (int cutAt : new int[] {0, 14, 16, 22, 31}) {
            Outcome poisoned = run(LIMIT, true, cutAt);
            assertThat(poisoned.weights()).as("cut at %d", cutAt).isEqualTo(clean.weights());
            assertThat(poisoned.events())
                    .anyMatch(e -> e != null && e.contains("images kept out: energies more than"));
        }
    }

    @Test
    void withoutAdmissionItIsLearned() throws Exception {
        assertThat(run(0, false, 20).weights())
                .as("admission does not change the learning of known images")
                .isEqualTo(run(LIMIT, false, 20).weights());
        assertThat(run(0, true, 20).weights()).isNotEqualTo(run(0, false, 20).weights());
    }

    @Test
    void countsWhatItKeepsOutOnceAlsoAfterARestore() throws Exception {
        int fed = (int) IntStream.range(11, KNOWN).filter(i -> i % 3 == 0).count();
        for (int cutAt : new int[] {0, 14, 16, 31}) {
            int kept =
                    run(LIMIT, true, cutAt).events().stream()
                            .filter(e -> e != null)
                            .flatMap(e -> Arrays.stream(e.split("; ")))
                            .filter(e -> e.contains("images kept out"))
                            .mapToInt(e -> Integer.parseInt(e.split(" ")[0]))
                            .sum();
            // the last may come after the last update
            assertThat(kept).isBetween(fed - 2, fed);
        }
    }
}
