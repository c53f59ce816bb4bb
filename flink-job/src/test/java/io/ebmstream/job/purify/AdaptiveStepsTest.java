package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fewer steps while images back up. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class AdaptiveStepsTest {
    private static final int MOST = 12;
    private static final int LEAST = 2;
    private static final int BATCH = 4;
    private static final int QUEUE = 24;
    private static final int IMAGES = 22;
    private static final ModelVersion VERSION = new ModelVersion(0, 1);
    private static final float[] WEIGHTS = Initializer.weights(TestModels.network(), 1);
    private static final PurifierSetup SETUP = setup().withAdaptive(LEAST);

    private static PurifierSetup setup() {
        return new PurifierSetup(
                "default",
                TestModels::network,
                () -> new PurifierConfig(LangevinConfig.of(1e-2, 1e-4), MOST, 5),
                TestModels.REFERENCE,
                1,
                BATCH,
                Duration.ofMillis(100),
                QUEUE,
                4,
                Duration.ofNanos(1),
                null,
                null);
    }

    private static ImageEvent image(int i) {
        return TestModels.image(i, "stream-" + i % 3);
    }

    private static void begin(PurifierHarness harness) throws Exception {
        harness.open();
        harness.model(VERSION, FloatBytes.toBytes(WEIGHTS));
        // none is worked on before all wait: mails run only when the harness is told to
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

    private static Map<String, Purified> run() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            begin(harness);
            harness.finish();
            return byId(harness.extractOutputValues());
        }
    }

    @Test
    void stepsFallInProportionAsImagesBackUp() {
        AdaptiveSteps adaptive = new AdaptiveSteps(10, 32, 256);
        assertThat(adaptive.steps(50, 1)).isEqualTo(50);
        assertThat(adaptive.steps(50, 32)).isEqualTo(50);
        assertThat(adaptive.steps(50, 144)).isEqualTo(30);
        assertThat(adaptive.steps(50, 256)).isEqualTo(10);
        assertThat(adaptive.steps(50, 1_000)).isEqualTo(10);
        assertThat(adaptive.steps(5, 256)).as("never more than configured").isEqualTo(5);
        assertThat(new AdaptiveSteps(10, 32, 32).steps(50, 32)).isEqualTo(50);
        assertThatThrownBy(() -> new AdaptiveSteps(0, 4, 3)).hasMessageContaining("found 0, 4, 3");
    }

    @Test
    void recordsSayWhatRanAndCanBeComputedAgain() throws Exception {
        Map<String, Purified> found = run();
        List<Integer> inOrder = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            inOrder.add(found.get(image(i).imageId()).steps());
        }
        assertThat(inOrder.subList(0, BATCH)).containsOnly(3);
        assertThat(inOrder.get(IMAGES - 1)).isEqualTo(MOST);
        assertThat(inOrder).isSorted();
        recompute(found.values());
    }

    private static void recompute(Collection<Purified> records) {
        try (Recomputation recomputation =
                new Recomputation(SETUP, TestModels.REFERENCE.choose(null))) {
            recomputation.setModel(VERSION, WEIGHTS, null);
            for (Purified record : records) {
                int k = recomputation.stepsOf(record.samplerHash(), record.steps());
                assertThat(k).isEqualTo(record.steps());
                recomputation.setSteps(k);
                assertThat(recomputation.of(List.of(record.image())).get(0))
                        .usingRecursiveComparison()
                        .isEqualTo(record);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 8})
    void aChainThatHasBegunKeepsItsSteps(int mails) throws Exception {
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            begin(harness);
            Mails.run(harness, mails);
            snapshot = harness.snapshot(1, 1);
            parts.addAll(harness.extractOutputValues());
        }
        int done = parts.size();
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            harness.finish();
            parts.addAll(harness.extractOutputValues());
        }
        Map<String, Purified> found = byId(parts);
        Map<String, Purified> expected = run();
        for (int i = done; i < done + BATCH; i++) {
            String begun = image(i).imageId();
            assertThat(found.get(begun)).usingRecursiveComparison().isEqualTo(expected.get(begun));
        }
        // those that waited meet another load, and say so
        recompute(found.values());
    }
}
