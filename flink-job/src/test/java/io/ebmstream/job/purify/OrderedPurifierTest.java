package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What purifiers are ordered: a version to keep to, and how many steps. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class OrderedPurifierTest {
    private static final int STEPS = 3;
    private static final ModelVersion FIRST = new ModelVersion(0, 1);
    private static final ModelVersion SECOND = new ModelVersion(0, 2);
    private static final ModelVersion THIRD = new ModelVersion(0, 3);

    private static final PurifierSetup SETUP =
            new PurifierSetup(
                    "default",
                    TestModels::network,
                    () -> new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), STEPS, 5),
                    TestModels.REFERENCE,
                    1,
                    1,
                    Duration.ofMillis(100),
                    40,
                    4,
                    Duration.ofNanos(1),
                    null,
                    null);

    @Test
    void keepsToAPinnedVersionUntilItIsUnpinned() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            harness.model(SECOND, weights(2));
            harness.deliver(
                    new ModelDelivery(
                            0,
                            FIRST,
                            weights(1),
                            null,
                            null,
                            null,
                            StandingOrders.NONE.pin(FIRST)));
            assertThat(purified(harness, 0).version()).isEqualTo(FIRST);
            harness.model(THIRD, weights(3));
            Purified pinned = purified(harness, 1);
            assertThat(pinned.version()).isEqualTo(FIRST);
            harness.deliver(ModelDelivery.of(new StandingOrders(2, null, null)));
            assertThat(purified(harness, 2).version()).isEqualTo(THIRD);
            // what was in flight while the job was rescaled may come late
            harness.deliver(ModelDelivery.of(StandingOrders.NONE.pin(FIRST)));
            assertThat(purified(harness, 3).version()).isEqualTo(THIRD);
        }
    }

    @Test
    void takesAsManyStepsAsOrderedForImagesThatBeginThen() throws Exception {
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.open();
            harness.model(FIRST, weights(1));
            Purified before = purified(harness, 0);
            harness.image(TestModels.image(1, "stream"));
            Mails.run(harness, 1);
            harness.deliver(ModelDelivery.of(StandingOrders.NONE.withSteps(5)));
            Mails.runAll(harness);
            assertThat(last(harness).steps()).isEqualTo(STEPS);
            Purified after = purified(harness, 2);
            assertThat(before.steps()).isEqualTo(STEPS);
            assertThat(after.steps()).isEqualTo(5);
            assertThat(after.samplerHash()).isNotEqualTo(before.samplerHash());
        }
    }

    /** Of two subtasks one had the later orders: after rescaling both have. */
    @Test
    void whatWasOrderedHoldsAfterARestartAndRescaling() throws Exception {
        OperatorSubtaskState ordered;
        OperatorSubtaskState behind;
        try (PurifierHarness harness = new PurifierHarness(SETUP, 2, 0)) {
            harness.open();
            harness.model(FIRST, weights(1));
            harness.deliver(ModelDelivery.of(StandingOrders.NONE.pin(FIRST)));
            harness.model(SECOND, weights(2));
            harness.deliver(ModelDelivery.of(new StandingOrders(2, FIRST, 4)));
            ordered = harness.snapshot(1, 1);
        }
        try (PurifierHarness harness = new PurifierHarness(SETUP, 2, 1)) {
            harness.open();
            harness.model(SECOND, weights(2));
            behind = harness.snapshot(1, 1);
        }
        OperatorSubtaskState both =
                AbstractStreamOperatorTestHarness.repackageState(behind, ordered);
        try (PurifierHarness harness = new PurifierHarness(SETUP, 1, 0)) {
            harness.initializeState(
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(
                            both, PurifierHarness.MAX_PARALLELISM, 2, 1, 0));
            harness.open();
            Purified result = purified(harness, 7);
            assertThat(result.version()).isEqualTo(FIRST);
            assertThat(result.steps()).isEqualTo(4);
        }
    }

    private static byte[] weights(long seed) {
        return FloatBytes.toBytes(Initializer.weights(TestModels.network(), seed));
    }

    private static Purified purified(PurifierHarness harness, int image) throws Exception {
        harness.image(TestModels.image(image, "stream"));
        Mails.runAll(harness);
        return last(harness);
    }

    private static Purified last(PurifierHarness harness) {
        List<Purified> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }
}
