package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.defense.EarlyStop;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.PurifiedImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.StopRule;
import io.ebmstream.ops.energy.Initializer;
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
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that end early, at the energy of the version's own chains. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class StoppingPurifierTest {
    private static final int IMAGES = 14;
    private static final int STREAMS = 4;
    private static final int BATCH = 5;
    private static final int STEPS = 12;
    private static final int FIRST = 4;
    private static final int EVERY = 3;
    private static final ModelVersion VERSION = new ModelVersion(0, 1);
    private static final PurifierConfig CONFIG =
            new PurifierConfig(LangevinConfig.of(1e-2, 1e-4), STEPS, 5);
    private static final float[] WEIGHTS = weights();

    /** The median of the energies that images have at the end: some stop early, some do not. */
    private static final double[] CHAINS =
            purify(CONFIG, IMAGES).stream()
                    .mapToDouble(PurifiedImage::energyAfter)
                    .sorted()
                    .toArray();

    private static final StopRule RULE = new StopRule(Double.NaN, 0.5, FIRST, EVERY);
    private static final EarlyStop STOP = RULE.stop(CHAINS);
    private static final PurifierSetup SETUP = setup(RULE);

    /** Large enough for energies to fall by more than the noise lifts them. */
    private static float[] weights() {
        float[] weights = Initializer.weights(TestModels.network(), 1);
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= 2;
        }
        return weights;
    }

    private static ImageEvent image(int i) {
        return TestModels.image(i, "stream-" + i % STREAMS);
    }

    private static List<PurifiedImage> purify(PurifierConfig config, int count) {
        List<PurificationImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(PurificationImage.of(image(i).imageId(), image(i).pixels()));
        }
        try (Purifier purifier =
                new Purifier(
                        TestModels.network(),
                        new ReferenceExecutor(),
                        Precision.FLOAT32,
                        config,
                        7)) {
            purifier.setModel(WEIGHTS);
            try (PurificationBatch batch = purifier.start(images)) {
                while (!purifier.advance(batch, 0)) {
                    continue;
                }
                List<PurifiedImage> results = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    results.add(batch.result(i));
                }
                return results;
            }
        }
    }

    private static PurifierSetup setup(StopRule rule) {
        return new PurifierSetup(
                "default",
                TestModels::network,
                () -> CONFIG,
                TestModels.REFERENCE,
                1,
                () -> null,
                BATCH,
                Duration.ofMillis(100),
                40,
                4,
                Duration.ofNanos(1),
                null,
                null,
                rule == null ? null : () -> new StopRule(rule.level(), rule.quantile(), 4, 3),
                null,
                0,
                false);
    }

    private static void begin(PurifierHarness harness, double[] chains) throws Exception {
        harness.open();
        harness.model(VERSION, FloatBytes.toBytes(WEIGHTS), chains);
        for (int i = 0; i < IMAGES; i++) {
            harness.image(image(i));
        }
    }

    private static Map<String, Purified> byId(List<Purified> purified) {
        Map<String, Purified> byId = new TreeMap<>();
        purified.forEach(p -> byId.put(p.image().imageId(), p));
        assertThat(purified).hasSize(IMAGES);
        assertThat(byId).hasSize(IMAGES);
        return byId;
    }

    private static Map<String, Purified> run(PurifierSetup setup, double[] chains)
            throws Exception {
        try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
            begin(harness, chains);
            harness.finish();
            return byId(harness.extractOutputValues());
        }
    }

    @Test
    void recordsSayHowManyStepsRanAndAtWhichEnergyTheyCouldEnd() throws Exception {
        Map<String, Purified> found = run(SETUP, CHAINS);
        assertThat(found.values().stream().map(Purified::steps).distinct().count())
                .as("images stop at different steps")
                .isGreaterThan(1);
        List<PurifiedImage> library = purify(CONFIG.withEarlyStop(STOP), IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            Purified record = found.get(image(i).imageId());
            assertThat(record.pixels()).isEqualTo(library.get(i).pixels());
            assertThat(record.steps()).isEqualTo(library.get(i).steps());
            assertThat(record.stopEnergy()).isEqualTo(STOP.level());
            assertThat(record.samplerHash())
                    .isEqualTo(CONFIG.withEarlyStop(STOP).hash(Precision.FLOAT32));
            PurifierConfig replay = new PurifierConfig(CONFIG.langevin(), record.steps(), 5);
            assertThat(purify(replay, i + 1).get(i).pixels()).isEqualTo(record.pixels());
        }
        Purified any = found.values().iterator().next();
        assertThat(
                        WireFormat.PURIFIED
                                .decode(new PurifiedEncoder("m", "t").map(any).value())
                                .getStopEnergy())
                .isEqualTo(STOP.level());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9, 13, 22, 34})
    void aRestoredRunEndsWhereItWouldHaveAlsoOnTwiceAsManySubtasks(int mails) throws Exception {
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            begin(harness, CHAINS);
            Mails.run(harness, mails);
            snapshot = harness.snapshot(1, 1);
            parts.addAll(harness.extractOutputValues());
            Mails.run(harness, 3);
        }
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
        assertThat(byId(parts))
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(run(SETUP, CHAINS));
    }

    @Test
    void aVersionWithoutChainsRunsAllItsSteps() throws Exception {
        for (double[] none : Arrays.asList(null, new double[0])) {
            assertThat(run(SETUP, none).values())
                    .allSatisfy(
                            record -> {
                                assertThat(record.steps()).isEqualTo(STEPS);
                                assertThat(record.stopEnergy()).isNull();
                                assertThat(record.samplerHash())
                                        .isEqualTo(CONFIG.hash(Precision.FLOAT32));
                            });
        }
    }

    @Test
    void chainsOfAnotherConfigurationBeginAnew() throws Exception {
        OperatorSubtaskState snapshot;
        List<Purified> parts = new ArrayList<>();
        PurifierSetup all = setup(null);
        try (PurifierHarness harness = new PurifierHarness(all, 1, 0)) {
            begin(harness, CHAINS);
            // past the first looks that the other configuration would have
            Mails.run(harness, 9);
            snapshot = harness.snapshot(1, 1);
            parts.addAll(harness.extractOutputValues());
        }
        assertThat(parts).hasSizeLessThan(IMAGES);
        int before = parts.size();
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            harness.finish();
            parts.addAll(harness.extractOutputValues());
        }
        Map<String, Purified> expected = run(SETUP, CHAINS);
        byId(parts);
        for (Purified record : parts.subList(before, IMAGES)) {
            assertThat(record)
                    .usingRecursiveComparison()
                    .isEqualTo(expected.get(record.image().imageId()));
        }
    }

    @Test
    void theStepsOfAnOrderAreFoundThoughRunsEndedBefore() {
        int ordered = 5 * STEPS;
        double always = 1e9;
        List<ImageEvent> images = List.of(image(0), image(1));
        try (Recomputation there = new Recomputation(SETUP, TestModels.REFERENCE.choose(null));
                Recomputation here = new Recomputation(SETUP, TestModels.REFERENCE.choose(null))) {
            there.setModel(VERSION, WEIGHTS, always);
            there.setSteps(ordered);
            List<Purified> records = there.of(images);
            here.setModel(VERSION, WEIGHTS, always);
            Purified record = records.get(0);
            assertThat(record.steps()).isEqualTo(FIRST);
            int k = here.stepsOf(record.samplerHash(), record.steps());
            assertThat(k).isEqualTo(ordered);
            here.setSteps(k);
            assertThat(here.of(images)).usingRecursiveComparison().isEqualTo(records);
            assertThat(here.stepsOf("another", FIRST)).as("none fits").isEqualTo(STEPS);
        }
    }
}
