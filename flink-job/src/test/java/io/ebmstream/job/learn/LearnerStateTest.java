package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.learner.BurnInConfig;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.PriorConfig;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the learner operator keeps: of presets with more than one network, and of old jobs. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class LearnerStateTest {
    private static final int IMAGES = 50;
    private static final String KEY = "default/0";

    private static LearnerConfigBuilder builder() {
        return LearnerConfig.builder(TestModels.network())
                .steps(2)
                .batch(4)
                .part(2)
                .bankSize(40)
                .replayCapacity(40)
                .warmupImages(8)
                .imagesPerUpdate(6);
    }

    private static LearnerConfig plain() {
        return builder().build();
    }

    /** Pairs of a generator that learns, as in short runs. */
    private static LearnerConfig pairs() {
        return builder()
                .start(ChainStart.COOP_PERSISTENT)
                .generator(GeneratorConfig.learning(TestModels.generator().network(), 1e-3))
                .rejuvenation(0.3)
                .maxChainUpdates(2)
                .build();
    }

    /** Two banks under a prior, as in long runs. */
    private static LearnerConfig longRun() {
        return builder()
                .start(ChainStart.COOP_PERSISTENT)
                .generator(GeneratorConfig.fixed(TestModels.generator().network()))
                .prior(new PriorConfig(TestModels.network(), 1e-3))
                .burnIn(new BurnInConfig(6, Schedule.constant(2), 3))
                .emaDecay(0)
                .build();
    }

    private static LearnerWeights weights(LearnerConfig config) {
        Generator generator = TestModels.generator();
        return LearnerWeights.random(config)
                .withGenerator(config.generator() == null ? null : generator.weights())
                .withPrior(
                        config.prior() == null
                                ? null
                                : Initializer.weights(config.prior().network(), 9));
    }

    private static LearnerSetup setup(String kind) {
        return new LearnerSetup(
                "default",
                () ->
                        switch (kind) {
                            case "pairs" -> pairs();
                            case "long run" -> longRun();
                            default -> plain();
                        },
                () -> GuardConfig.DATA_STARTS,
                LearnerStateTest::weights,
                TestModels.REFERENCE,
                2,
                0,
                100,
                Duration.ofNanos(1));
    }

    @ParameterizedTest
    @CsvSource({
        "pairs, 14, 0",
        "pairs, 20, 3",
        "pairs, 33, 9",
        "long run, 20, 4",
        "long run, 38, 9"
    })
    void generatorsPriorsAndSecondBanksComeBackBitForBit(String kind, int before, int mails)
            throws Exception {
        List<PublishedModel> whole = new ArrayList<>();
        try (var harness = harness(setup(kind))) {
            harness.open();
            feed(harness, 0, IMAGES);
            end(harness, whole);
        }
        List<PublishedModel> parts = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (var harness = harness(setup(kind))) {
            harness.open();
            feed(harness, 0, before / 2);
            Mails.runAll(harness);
            harness.snapshot(1, 1);
            feed(harness, before / 2, before);
            Mails.run(harness, mails);
            snapshot = harness.snapshot(2, 2);
            collect(harness, parts);
            Mails.run(harness, 5);
        }
        try (var harness = harness(setup(kind))) {
            harness.initializeState(snapshot);
            harness.open();
            feed(harness, before, IMAGES);
            end(harness, parts);
        }
        assertThat(parts)
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole);
        assertThat(whole).hasSize(4);
    }

    /** Writes a learner as the first release did: one map for the bank, one for the images. */
    private static final class FirstFormat extends AbstractStreamOperator<PublishedModel>
            implements OneInputStreamOperator<ImageEvent, PublishedModel> {
        private static final long serialVersionUID = 1L;

        private final transient Map<String, byte[]> pieces;

        FirstFormat(Map<String, byte[]> pieces) {
            this.pieces = pieces;
        }

        @Override
        public void processElement(StreamRecord<ImageEvent> element) throws Exception {
            var bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
            var store = getKeyedStateStore();
            store.getState(new ValueStateDescriptor<>("learner-core", bytes))
                    .update(pieces.get("core"));
            store.getState(
                            new ValueStateDescriptor<>(
                                    "learner-progress",
                                    TypeInformation.of(LearnerShard.Progress.class)))
                    .update(
                            new LearnerShard.Progress(
                                    new ModelVersion(0, 1),
                                    2,
                                    element.getValue().eventTime(),
                                    null,
                                    0));
            for (String kind : new String[] {"bank", "replay"}) {
                var map =
                        store.getMapState(
                                new MapStateDescriptor<>("learner-" + kind, Types.INT, bytes));
                for (Map.Entry<String, byte[]> piece : pieces.entrySet()) {
                    if (piece.getKey().startsWith(kind + "/")) {
                        String index = piece.getKey().substring(kind.length() + 1);
                        map.put(Integer.parseInt(index), piece.getValue());
                    }
                }
            }
            store.getMapState(new MapStateDescriptor<>("learner-offsets", Types.STRING, Types.LONG))
                    .put("ebm.images-0", 1L);
            store.getListState(
                            new ListStateDescriptor<>(
                                    "learner-queue", TypeInformation.of(ImageEvent.class)))
                    .update(List.of());
        }
    }

    @Test
    void stateOfTheFirstFormatOpensAndGoesOnBitForBit() throws Exception {
        int before = 20;
        List<PublishedModel> whole = new ArrayList<>();
        try (var harness = harness(setup("plain"))) {
            harness.open();
            feed(harness, 0, IMAGES);
            end(harness, whole);
        }
        OperatorSubtaskState snapshot;
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        plain(),
                        new ReferenceExecutor(),
                        Precision.FLOAT32,
                        LearnerWeights.random(plain()))) {
            for (int i = 0; i < before; i++) {
                if (learner.offer(TestModels.image(i, "stream").pixels())) {
                    learner.advance(Long.MAX_VALUE);
                }
            }
            try (var harness =
                    new KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>(
                            new FirstFormat(learner.copyState()),
                            image -> KEY,
                            Types.STRING,
                            16,
                            1,
                            0)) {
                harness.open();
                feed(harness, before - 1, before);
                snapshot = harness.snapshot(1, 1);
            }
        }
        List<PublishedModel> later = new ArrayList<>();
        try (var harness = harness(setup("plain"))) {
            harness.initializeState(snapshot);
            harness.open();
            feed(harness, before, 30);
            Mails.runAll(harness);
            // moved to the pieces: comes back from them a second time
            snapshot = harness.snapshot(2, 2);
            collect(harness, later);
        }
        try (var harness = harness(setup("plain"))) {
            harness.initializeState(snapshot);
            harness.open();
            feed(harness, 30, IMAGES);
            end(harness, later);
        }
        assertThat(later)
                .extracting(PublishedModel::version)
                .first()
                .isEqualTo(new ModelVersion(0, 2));
        assertThat(later.stream().map(PublishedModel::weights).toList())
                .usingRecursiveComparison()
                .isEqualTo(whole.stream().skip(1).map(PublishedModel::weights).toList());
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>
            harness(LearnerSetup setup) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnerOperatorFactory(setup), image -> KEY, Types.STRING, 16, 1, 0);
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
            List<PublishedModel> models)
            throws Exception {
        harness.getOperator().finish();
        collect(harness, models);
    }

    private static void collect(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            List<PublishedModel> models) {
        models.addAll(harness.extractOutputValues());
        harness.getOutput().clear();
    }
}
