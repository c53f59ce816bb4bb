package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.hat.HatDynamics;
import io.ebmstream.ops.hat.HatPreset;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hat presets at reduced size in the job's learner. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class HatLearnerTest {
    private static final int WARMUP = 8;
    private static final int UPDATES = 20;
    private static final int IMAGES = WARMUP + UPDATES - 1;

    private static LearnerConfig config(HatPreset preset) {
        return LearnerConfig.builder(TestModels.network())
                .chains(preset.rule())
                .start(ChainStart.COOP)
                .generator(
                        new GeneratorConfig(
                                TestModels.generator().network(),
                                preset.generatorLearns(),
                                Schedule.constant(1e-3)))
                .langevin(
                        new LangevinConfig(
                                preset.stepSize(), preset.temperature(), 0, HatDynamics.MAX_NORM))
                .steps(2)
                .dataNoise(preset.dataNoise())
                .learningRate(Schedule.constant(preset.learningRate()))
                .batch(4)
                .part(2)
                .bankSize(9)
                .replayCapacity(40)
                .warmupImages(WARMUP)
                .imagesPerUpdate(1)
                .build();
    }

    private static LearnerSetup setup(HatPreset preset) {
        return new LearnerSetup(
                "default",
                () -> config(preset),
                () -> GuardConfig.DATA_STARTS,
                config ->
                        LearnerWeights.random(config)
                                .withGenerator(TestModels.generator().weights()),
                TestModels.REFERENCE,
                10,
                0,
                40,
                Duration.ofNanos(1));
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>
            harness(HatPreset preset) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnerOperatorFactory(setup(preset)),
                image -> "default/0",
                Types.STRING,
                16,
                1,
                0);
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

    @ParameterizedTest
    @EnumSource(HatPreset.class)
    void goesOnBitForBitAfterACheckpointInTheMiddleOfAnUpdate(HatPreset preset) throws Exception {
        List<PublishedModel> whole = new ArrayList<>();
        try (var harness = harness(preset)) {
            harness.open();
            feed(harness, 0, IMAGES);
            harness.getOperator().finish();
            whole.addAll(harness.extractOutputValues());
        }
        assertThat(whole).hasSize(2);
        assertThat(whole.get(1).updates()).isEqualTo(UPDATES);

        List<PublishedModel> parts = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (var harness = harness(preset)) {
            harness.open();
            feed(harness, 0, 20);
            Mails.run(harness, 60);
            snapshot = harness.snapshot(1, 1);
            parts.addAll(harness.extractOutputValues());
            // work after the checkpoint is lost and must be repeated
            Mails.run(harness, 5);
        }
        try (var harness = harness(preset)) {
            harness.initializeState(snapshot);
            harness.open();
            feed(harness, 20, IMAGES);
            harness.getOperator().finish();
            parts.addAll(harness.extractOutputValues());
        }
        assertThat(parts)
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole);
    }
}
