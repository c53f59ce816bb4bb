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
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The version that an image is handed on with depends on the images before it alone. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class LockstepLearnerTest {
    private static final LearnerSetup.Extras HANDING_ON =
            new LearnerSetup.Extras(true, 0, null, null);

    private static final int IMAGES = 40;
    private static final int WARMUP = 8;
    private static final int IMAGES_PER_UPDATE = 6;
    private static final int PUBLISH_EVERY = 2;

    /** Every fifth image has latents. */
    private static ImageEvent image(int i) {
        return TestModels.image(i, "stream", i % 5 == 4 ? new float[] {1, 2, 3} : null);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>
            harness() throws Exception {
        LearnerSetup setup =
                new LearnerSetup(
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
                                PUBLISH_EVERY,
                                0,
                                10,
                                Duration.ofNanos(1))
                        .with(HANDING_ON);
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnerOperatorFactory(setup), image -> "default/0", Types.STRING, 16, 1, 0);
    }

    private static List<String> taken(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness) {
        List<String> found = new ArrayList<>();
        Queue<StreamRecord<ImageEvent>> records = harness.getSideOutput(LearnerOperator.TAKEN);
        if (records != null) {
            records.forEach(
                    r -> found.add(r.getValue().imageId() + " by " + r.getValue().version()));
            records.clear();
        }
        return found;
    }

    /** By counting: images without latents drive updates, every other update a version. */
    private static List<String> expected() {
        List<String> all = new ArrayList<>();
        int data = 0;
        long version = 0;
        for (int i = 0; i < IMAGES; i++) {
            all.add("image-" + i + " by " + new ModelVersion(0, version));
            data += i % 5 == 4 ? 0 : 1;
            boolean updates = data >= WARMUP && (data - WARMUP) % IMAGES_PER_UPDATE == 0;
            int update = (data - WARMUP) / IMAGES_PER_UPDATE + 1;
            if (updates && i % 5 != 4 && update % PUBLISH_EVERY == 0) {
                version++;
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 3", "2, 12, 1", "7, 13, 4", "100, 25, 2", "3, 40, 1"})
    void versionsAreTheSameWhateverTheTiming(int mails, int cut, int every) throws Exception {
        List<String> found = new ArrayList<>();
        OperatorSubtaskState state;
        try (var harness = harness()) {
            harness.open();
            feed(harness, 0, cut, mails, every);
            state = harness.snapshot(1, 1);
            found.addAll(taken(harness));
            // lost with the failure
            Mails.run(harness, 3);
        }
        try (var harness = harness()) {
            harness.initializeState(state);
            harness.open();
            feed(harness, cut, IMAGES, mails, every);
            harness.getOperator().finish();
            found.addAll(taken(harness));
        }
        assertThat(found).isEqualTo(expected());
    }

    @Test
    void severalVersionsArePartOfTheTest() {
        assertThat(expected().get(IMAGES - 1)).endsWith("by 0.2");
    }

    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            int from,
            int to,
            int mails,
            int every)
            throws Exception {
        for (int i = from; i < to; i++) {
            harness.processElement(new StreamRecord<>(image(i)));
            if (i % every == 0) {
                Mails.run(harness, mails);
            }
        }
    }
}
