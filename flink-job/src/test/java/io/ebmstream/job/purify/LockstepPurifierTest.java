package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Images that name the version that must purify them. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class LockstepPurifierTest {
    private static final ModelVersion ONE = new ModelVersion(0, 1);
    private static final ModelVersion TWO = new ModelVersion(0, 2);
    private static final ModelVersion THREE = new ModelVersion(1, 0);
    private static final PurifierSetup SETUP =
            new PurifierSetup(
                            "default",
                            TestModels::network,
                            () -> new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), 3, 5),
                            TestModels.REFERENCE,
                            1,
                            4,
                            Duration.ofMillis(100),
                            6,
                            4,
                            Duration.ofNanos(1),
                            null,
                            null)
                    .inLockstep();

    private static byte[] weights(ModelVersion version) {
        return FloatBytes.toBytes(
                Initializer.weights(
                        TestModels.network(), 10 * version.epoch() + version.counter()));
    }

    private static void model(PurifierHarness harness, ModelVersion version) throws Exception {
        harness.model(version, weights(version));
    }

    private static void image(PurifierHarness harness, int i, ModelVersion version)
            throws Exception {
        harness.image(TestModels.image(i, "stream-" + i % 2).withVersion(version));
    }

    private static Map<String, String> versions(List<Purified> purified) {
        Map<String, String> found = new TreeMap<>();
        purified.forEach(p -> found.put(p.image().imageId(), p.version().toString()));
        return found;
    }

    @Test
    void anImageWaitsForItsVersionAndALaterOneDoesNotTakeItsPlace() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            image(harness, 0, ModelVersion.INITIAL);
            // more than the queue holds: what waits for a version does not hold it up
            for (int i = 1; i < 12; i++) {
                image(harness, i, ONE);
            }
            Mails.runAll(harness);
            harness.setProcessingTime(1_000);
            Mails.runAll(harness);
            assertThat(versions(harness.extractOutputValues()))
                    .containsExactly(Map.entry("image-0", "0.0"));
            model(harness, ONE);
            model(harness, TWO);
            model(harness, THREE);
            image(harness, 12, THREE);
            harness.finish();
            Map<String, String> found = versions(harness.extractOutputValues());
            assertThat(found).hasSize(13).containsEntry("image-12", "1.0");
            for (int i = 1; i < 12; i++) {
                assertThat(found).containsEntry("image-" + i, "0.1");
            }
        }
    }

    @Test
    void theBitsAreTheSameWhateverArrivesWhenAndWhatFails() throws Exception {
        List<Purified> whole = new ArrayList<>();
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            model(harness, ONE);
            model(harness, TWO);
            for (int i = 0; i < 10; i++) {
                image(harness, i, i < 5 ? ONE : TWO);
            }
            harness.finish();
            whole.addAll(harness.extractOutputValues());
        }
        List<Purified> parts = new ArrayList<>();
        OperatorSubtaskState state;
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            for (int i = 0; i < 7; i++) {
                image(harness, i, i < 5 ? ONE : TWO);
            }
            model(harness, ONE);
            Mails.run(harness, 5);
            state = harness.snapshot(1, 1);
            parts.addAll(harness.extractOutputValues());
            // so that the harness can end it
            model(harness, TWO);
        }
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(state);
            harness.open();
            // in flight at the checkpoint: one of the older version after one of the newer
            image(harness, 9, TWO);
            model(harness, TWO);
            image(harness, 7, TWO);
            image(harness, 8, TWO);
            harness.finish();
            parts.addAll(harness.extractOutputValues());
        }
        assertThat(parts.stream().map(p -> PurifiedEncoder.record("m", p)))
                .containsExactlyInAnyOrderElementsOf(
                        whole.stream().map(p -> PurifiedEncoder.record("m", p)).toList());
    }

    @Test
    void afterARestoreNoVersionIsForgottenBeforeTheFirstCheckpoint() throws Exception {
        OperatorSubtaskState state;
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            model(harness, ONE);
            image(harness, 0, ONE);
            Mails.runAll(harness);
            state = harness.snapshot(1, 1);
        }
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(state);
            harness.open();
            model(harness, TWO);
            image(harness, 1, TWO);
            image(harness, 2, ONE);
            harness.snapshot(2, 2);
            harness.finish();
            assertThat(versions(harness.extractOutputValues()))
                    .containsEntry("image-1", "0.2")
                    .containsEntry("image-2", "0.1");
        }
    }
}
