package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.config.InitialModel;
import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.WireFormat;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

// the harness's close() throws Exception
@SuppressWarnings("try")
class PurifierOperatorTest {
    private static final int BATCH = 8;
    private static final int QUEUE = 40;
    private static final int IMAGES = 30;
    private static final int STREAMS = 7;
    private static final ModelVersion FIRST = new ModelVersion(0, 1);
    private static final ModelVersion SECOND = new ModelVersion(0, 2);

    /** A slice of no time is one indivisible piece of work, so that a cut may fall anywhere. */
    private static final PurifierSetup SETUP =
            new PurifierSetup(
                    "default",
                    TestModels::network,
                    () -> new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), 6, 5),
                    TestModels.REFERENCE,
                    1,
                    BATCH,
                    Duration.ofMillis(100),
                    QUEUE,
                    4,
                    Duration.ofNanos(1),
                    null,
                    null);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5, 9, 14, 23, 40})
    void aRestoredChainGoesOnBitForBit(int mailsBefore) throws Exception {
        Map<String, Purified> whole = wholeRun(mailsBefore);
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState snapshot = firstPart(mailsBefore, parts);
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            secondPart(harness, parts);
        }
        sameAs(whole, parts);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 14, 23})
    void chainsGoOnBitForBitOnTwiceAsManySubtasks(int mailsBefore) throws Exception {
        Map<String, Purified> whole = wholeRun(mailsBefore);
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState snapshot = firstPart(mailsBefore, parts);
        int before = parts.size();
        for (int subtask = 0; subtask < 2; subtask++) {
            try (PurifierHarness harness = new PurifierHarness(SETUP, 2, subtask)) {
                harness.initializeState(
                        AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                snapshot, PurifierHarness.MAX_PARALLELISM, 1, 2, subtask));
                harness.open();
                int size = parts.size();
                secondPart(harness, parts);
                assertThat(parts.size() - size).isBetween(1, IMAGES - before - 1);
            }
        }
        sameAs(whole, parts);
    }

    @Test
    void aModelToBeginWithPurifiesUntilAVersionArrives() throws Exception {
        NetworkSpec network = new NetworkSpec("light32", 2, TestModels.SHAPE);
        float[] weights = Initializer.weights(network.build(), 77);
        InitialModel initial =
                new InitialModel(
                        new ModelFile(
                                new ModelFile.Part(network, weights),
                                Map.of(),
                                LangevinConfig.of(2e-2, 1e-4),
                                6,
                                "",
                                new ModelVersion(0, 4),
                                9,
                                Map.of()));
        PurifierSetup setup =
                new PurifierSetup(
                        SETUP.model(),
                        SETUP.network(),
                        SETUP.config(),
                        SETUP.compute(),
                        SETUP.modelSeed(),
                        () -> initial,
                        SETUP.batch(),
                        SETUP.maxDelay(),
                        SETUP.queue(),
                        SETUP.part(),
                        SETUP.slice(),
                        null,
                        null,
                        null,
                        null,
                        0,
                        false);
        List<Purified> begun;
        OperatorSubtaskState snapshot;
        try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
            harness.open();
            feed(harness, 0, BATCH);
            Mails.run(harness, 2);
            snapshot = harness.snapshot(1, 1);
            Mails.runAll(harness);
            begun = new ArrayList<>(harness.extractOutputValues());
            assertThat(begun).hasSize(BATCH);
            assertThat(begun).extracting(Purified::version).containsOnly(new ModelVersion(0, 4));
            harness.model(new ModelVersion(0, 5), weights(1));
            feed(harness, BATCH, 2 * BATCH);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues().get(BATCH).version())
                    .isEqualTo(new ModelVersion(0, 5));
        }
        // images in flight keep its weights, wherever the file is by then
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues())
                    .extracting(Purified::version, Purified::energyAfter, Purified::displacement)
                    .containsExactlyInAnyOrderElementsOf(
                            begun.stream()
                                    .map(p -> tuple(p.version(), p.energyAfter(), p.displacement()))
                                    .toList());
        }
    }

    @Test
    void aChainEndsWithTheWeightsThatItBeganWith() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            feed(harness, 0, BATCH);
            Mails.run(harness, 3);
            harness.model(FIRST, weights(1));
            harness.model(SECOND, weights(2));
            feed(harness, BATCH, 2 * BATCH);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues())
                    .extracting(Purified::version)
                    .containsExactlyElementsOf(
                            versions(BATCH, ModelVersion.INITIAL, BATCH, SECOND));
        }
    }

    @Test
    void theFirstImageOfAMicroBatchWaitsForTheDelayAtMost() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.setProcessingTime(1_000);
            harness.open();
            feed(harness, 0, 1);
            harness.setProcessingTime(1_050);
            feed(harness, 1, 3);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.setProcessingTime(1_100);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues()).hasSize(3);
            feed(harness, 3, 4);
            harness.setProcessingTime(1_200);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues()).hasSize(4);
        }
    }

    @Test
    void aFullQueueHoldsTheInputUpUntilThereIsRoom() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            feed(harness, 0, QUEUE - 1);
            assertThat(harness.extractOutputValues()).isEmpty();
            // nobody runs mails here but the operator itself
            feed(harness, QUEUE - 1, QUEUE);
            assertThat(harness.extractOutputValues()).hasSize(BATCH);
        }
    }

    @Test
    void anImageWhoseChainIsLostBecomesADeadLetter() throws Exception {
        float[] huge = new float[TestModels.network().parameterCount()];
        Arrays.fill(huge, 1e30f);
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            harness.model(FIRST, FloatBytes.toBytes(huge));
            feed(harness, 0, BATCH);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues()).isEmpty();
            List<DeadLetter> letters =
                    harness.getSideOutput(PurifierOperator.DEAD_LETTERS).stream()
                            .map(StreamRecord::getValue)
                            .toList();
            assertThat(letters).hasSize(BATCH);
            ImageEvent image = TestModels.image(0, "stream-0");
            DeadLetter letter = letters.get(0);
            assertThat(letter.stage()).isEqualTo("purify");
            assertThat(letter.message()).contains("version 0.1").contains("finite");
            assertThat(letter.record().offset()).isEqualTo(image.offset());
            ByteBuffer data = WireFormat.IMAGE.decode(letter.record().value()).getData();
            assertThat(data).isEqualTo(ByteBuffer.wrap(image.pixels()));

            // the operator goes on with the next model
            harness.model(SECOND, weights(2));
            feed(harness, 0, BATCH);
            Mails.runAll(harness);
            assertThat(harness.extractOutputValues()).hasSize(BATCH);
        }
    }

    @Test
    void keepsNoImagesAndOnlyTheLatestModelWhenAllIsDone() throws Exception {
        OperatorSubtaskState snapshot;
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            feed(harness, 0, IMAGES);
            Mails.run(harness, 4);
            harness.snapshot(1, 1);
            harness.model(FIRST, weights(1));
            harness.model(SECOND, weights(2));
            harness.finish();
            snapshot = harness.snapshot(2, 2);
        }
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            harness.finish();
            assertThat(harness.extractOutputValues()).isEmpty();
            feed(harness, 0, 1);
            harness.finish();
            assertThat(harness.extractOutputValues())
                    .extracting(Purified::version)
                    .containsExactly(SECOND);
        }
    }

    /** Two versions arrive after some work; the rest comes after them. */
    private static Map<String, Purified> wholeRun(int mails) throws Exception {
        List<Purified> all = new ArrayList<>();
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            beginning(harness, mails);
            secondPart(harness, all);
        }
        Map<String, Purified> byId = byId(all);
        assertThat(byId).hasSize(IMAGES);
        return byId;
    }

    private static OperatorSubtaskState firstPart(int mails, List<Purified> out) throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            beginning(harness, mails);
            OperatorSubtaskState snapshot = harness.snapshot(1, 1);
            out.addAll(harness.extractOutputValues());
            // work after the checkpoint is lost and must be repeated
            Mails.run(harness, 3);
            return snapshot;
        }
    }

    private static void beginning(PurifierHarness harness, int mails) throws Exception {
        harness.model(FIRST, weights(1));
        feed(harness, 0, IMAGES);
        Mails.run(harness, mails);
    }

    private static void secondPart(PurifierHarness harness, List<Purified> out) throws Exception {
        harness.finish();
        out.addAll(harness.extractOutputValues());
    }

    private static void sameAs(Map<String, Purified> whole, List<Purified> parts) {
        assertThat(parts).hasSize(IMAGES);
        assertThat(byId(parts))
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole);
    }

    private static Map<String, Purified> byId(List<Purified> purified) {
        Map<String, Purified> byId = new TreeMap<>();
        purified.forEach(p -> byId.put(p.image().imageId(), p));
        return byId;
    }

    private static void feed(PurifierHarness harness, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            ImageEvent image = TestModels.image(i, "stream-" + i % STREAMS);
            harness.image(image);
        }
    }

    private static byte[] weights(long seed) {
        return FloatBytes.toBytes(Initializer.weights(TestModels.network(), 100 + seed));
    }

    private static List<ModelVersion> versions(
            int first, ModelVersion one, int second, ModelVersion other) {
        List<ModelVersion> versions = new ArrayList<>();
        for (int i = 0; i < first; i++) {
            versions.add(one);
        }
        for (int i = 0; i < second; i++) {
            versions.add(other);
        }
        return versions;
    }
}
