package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.hat.HatDynamics;
import io.ebmstream.ops.hat.RefinerConfig;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
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

/** The purifier where the job has a generator: two in three images come with latents. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class RefiningPurifierTest {
    private static final int BATCH = 6;
    private static final int IMAGES = 20;
    private static final int STREAMS = 5;
    private static final ModelVersion VERSION = new ModelVersion(0, 1);
    private static final PurifierConfig PURIFIER =
            new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), 5, 5);
    private static final RefinerConfig REFINER =
            new RefinerConfig(HatDynamics.of(5e-3, 1e-2, 1e-3, 50), 4, 6);

    private static final PurifierSetup SETUP =
            setup(new RefinerSetup(TestModels::generator, () -> REFINER));

    /** A slice of no time is one indivisible piece of work, so that a cut may fall anywhere. */
    private static PurifierSetup setup(RefinerSetup refiner) {
        return new PurifierSetup(
                "default",
                TestModels::network,
                () -> PURIFIER,
                TestModels.REFERENCE,
                1,
                BATCH,
                Duration.ofMillis(100),
                40,
                4,
                Duration.ofNanos(1),
                refiner,
                null);
    }

    private static ImageEvent image(int i) {
        float[] z = null;
        if (i % 3 != 0) {
            z = new float[TestModels.LATENTS];
            new GaussianNoise().fill(1, i, 0, z, 0, z.length);
        }
        return TestModels.image(i, "stream-" + i % STREAMS, z);
    }

    private static void feed(PurifierHarness harness, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            harness.image(image(i));
        }
    }

    private static Map<String, Purified> run(int mails, List<Purified> before) throws Exception {
        List<Purified> all = new ArrayList<>();
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            harness.model(VERSION, weights());
            feed(harness, 0, IMAGES);
            Mails.run(harness, mails);
            if (before != null) {
                before.addAll(harness.extractOutputValues());
            }
            harness.finish();
            all.addAll(harness.extractOutputValues());
        }
        return byId(all);
    }

    private static Map<String, Purified> byId(List<Purified> purified) {
        Map<String, Purified> byId = new TreeMap<>();
        purified.forEach(p -> byId.put(p.image().imageId(), p));
        return byId;
    }

    private static byte[] weights() {
        return FloatBytes.toBytes(Initializer.weights(TestModels.network(), 100));
    }

    private static OperatorSubtaskState cut(int mails, List<Purified> out) throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            harness.model(VERSION, weights());
            feed(harness, 0, IMAGES);
            Mails.run(harness, mails);
            OperatorSubtaskState snapshot = harness.snapshot(1, 1);
            out.addAll(harness.extractOutputValues());
            Mails.run(harness, 3);
            return snapshot;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 11, 17, 30})
    void restoredPairsGoOnBitForBitAlsoOnTwiceAsManySubtasks(int mails) throws Exception {
        Map<String, Purified> whole = run(mails, null);
        assertThat(whole).hasSize(IMAGES);
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState snapshot = cut(mails, parts);
        int parallelism = 1 + mails % 2;
        for (int subtask = 0; subtask < parallelism; subtask++) {
            try (PurifierHarness harness = new PurifierHarness(SETUP, parallelism, subtask)) {
                harness.initializeState(
                        AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                snapshot,
                                PurifierHarness.MAX_PARALLELISM,
                                1,
                                parallelism,
                                subtask));
                harness.open();
                harness.finish();
                parts.addAll(harness.extractOutputValues());
            }
        }
        assertThat(parts).hasSize(IMAGES);
        assertThat(byId(parts))
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(whole);
    }

    @Test
    void imagesWithLatentsAreRefinedAndSayBywhat() throws Exception {
        String digest = TestModels.generator().digest();
        for (Purified image : run(0, null).values()) {
            boolean refined = image.image().latent() != null;
            assertThat(image.samplerHash())
                    .isEqualTo(
                            refined
                                    ? REFINER.hash(Precision.FLOAT32, digest)
                                    : PURIFIER.hash(Precision.FLOAT32));
            assertThat(image.steps()).isEqualTo(refined ? 4 : 5);
            assertThat(image.seed()).isEqualTo(refined ? 6 : 5);
            assertThat(image.displacement()).isPositive();
        }
    }

    @Test
    void imagesBeginAnewWhereTheGeneratorIsGone() throws Exception {
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState snapshot = cut(8, parts);
        try (PurifierHarness harness = new PurifierHarness(setup(null), 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            harness.finish();
            assertThat(harness.extractOutputValues())
                    .hasSize(IMAGES - parts.size())
                    .allSatisfy(
                            image ->
                                    assertThat(image.samplerHash())
                                            .isEqualTo(PURIFIER.hash(Precision.FLOAT32)));
        }
    }

    @Test
    void aLostPairBecomesADeadLetterWithItsLatents() throws Exception {
        float[] huge = new float[TestModels.network().parameterCount()];
        Arrays.fill(huge, 1e30f);
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            harness.model(VERSION, FloatBytes.toBytes(huge));
            feed(harness, 0, BATCH);
            Mails.runAll(harness);
            List<DeadLetter> letters =
                    harness.getSideOutput(PurifierOperator.DEAD_LETTERS).stream()
                            .map(StreamRecord::getValue)
                            .toList();
            assertThat(letters).hasSize(BATCH);
            float[] latent = image(1).latent();
            assertThat(WireFormat.IMAGE.decode(letters.get(1).record().value()).getLatent())
                    .containsExactly(latent[0], latent[1], latent[2]);
            assertThat(WireFormat.IMAGE.decode(letters.get(0).record().value()).getLatent())
                    .isNull();
        }
    }
}
