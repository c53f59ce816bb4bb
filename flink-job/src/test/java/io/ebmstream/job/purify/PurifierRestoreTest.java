package io.ebmstream.job.purify;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.state.Bits;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A purifier with chains in flight under one version, a later one, and images that wait. */
class PurifierRestoreTest extends RestoreContract<PurifierHarness> {
    private static final int BATCH = 3;
    private static final int BEFORE = 8;
    private static final int IMAGES = 12;

    private static final PurifierSetup SETUP =
            new PurifierSetup(
                    "default",
                    TestModels::network,
                    () -> new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), 6, 5),
                    TestModels.REFERENCE,
                    1,
                    BATCH,
                    Duration.ofMillis(100),
                    40,
                    2,
                    Duration.ofNanos(1),
                    null,
                    null);

    PurifierRestoreTest() {
        super("purifier", 1, 2);
    }

    @Override
    protected PurifierHarness harness() throws Exception {
        return new PurifierHarness(SETUP, 1, 0);
    }

    @Override
    protected void begin(PurifierHarness harness) throws Exception {
        harness.model(new ModelVersion(0, 1), weights(1), new double[] {-1.5, 2});
        feed(harness, 0, BEFORE);
        Mails.run(harness, 4);
        harness.model(new ModelVersion(1, 0), weights(2), null);
    }

    @Override
    protected void goOn(PurifierHarness harness) throws Exception {
        feed(harness, BEFORE, IMAGES);
        harness.finish();
    }

    @Override
    protected Map<String, String> states() {
        return Map.of(
                "purifier-pending", "list of PendingImage",
                "purifier-models", "Model",
                "purifier-orders", "StandingOrders");
    }

    @Override
    protected List<String> outputs(PurifierHarness harness) {
        return harness.extractOutputValues().stream().map(Bits::of).toList();
    }

    private static void feed(PurifierHarness harness, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            harness.image(TestModels.image(i, "stream-" + i % 3));
        }
    }

    private static byte[] weights(long seed) {
        return FloatBytes.toBytes(Initializer.weights(TestModels.network(), 100 + seed));
    }
}
