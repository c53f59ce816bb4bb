package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Images whose energy lies far from those that the model knows. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class OutlierFlagTest {
    private static final int IMAGES = 9;
    private static final ModelVersion VERSION = new ModelVersion(0, 1);
    private static final byte[] WEIGHTS =
            FloatBytes.toBytes(Initializer.weights(TestModels.network(), 1));
    private static final PurifierSetup SETUP =
            new PurifierSetup(
                    "default",
                    TestModels::network,
                    () -> new PurifierConfig(LangevinConfig.of(1e-2, 1e-4), 4, 5),
                    TestModels.REFERENCE,
                    1,
                    4,
                    Duration.ofMillis(100),
                    40,
                    4,
                    Duration.ofNanos(1),
                    null,
                    null);

    private static List<Purified> run(PurifierSetup setup, EnergyRange known, int mails)
            throws Exception {
        List<Purified> all = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
            harness.open();
            harness.model(VERSION, WEIGHTS, null, known);
            for (int i = 0; i < IMAGES; i++) {
                harness.image(TestModels.image(i, "stream"));
            }
            Mails.run(harness, mails);
            snapshot = harness.snapshot(1, 1);
            all.addAll(harness.extractOutputValues());
        }
        try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            harness.finish();
            all.addAll(harness.extractOutputValues());
        }
        assertThat(all).hasSize(IMAGES);
        return all;
    }

    @Test
    void flagsWhatLiesFarFromKnownImagesAlsoAfterARestore() throws Exception {
        List<Purified> plain = run(SETUP, EnergyRange.UNKNOWN, 3);
        double[] energies = plain.stream().mapToDouble(Purified::energyBefore).sorted().toArray();
        // a range that leaves out the three highest
        double limit = (energies[5] + energies[6]) / 2;
        EnergyRange known = new EnergyRange(energies[0], (limit - energies[0]) / 8);
        for (int mails : new int[] {0, 3, 11}) {
            List<Purified> flagged = run(SETUP.withOutliers(8), known, mails);
            for (Purified image : flagged) {
                OutgoingRecord record = new PurifiedEncoder("m", "t").map(image);
                if (image.energyBefore() > limit) {
                    assertThat(image.outlier()).isEqualTo(known.deviation(image.energyBefore()));
                    assertThat(record.headerNames())
                            .containsExactly(Headers.DEVICE, Headers.OUTLIER);
                    assertThat(new String(record.headerValues()[1], StandardCharsets.UTF_8))
                            .isEqualTo(String.format(Locale.ROOT, "%.1f", image.outlier()));
                } else {
                    assertThat(image.outlier()).isNull();
                    assertThat(record.headerNames()).containsExactly(Headers.DEVICE);
                }
            }
            assertThat(flagged.stream().filter(p -> p.outlier() != null)).hasSize(3);
        }
    }

    @Test
    void flagsNothingWithoutALimitOrARange() throws Exception {
        EnergyRange nowhere = new EnergyRange(1e12, 1);
        assertThat(run(SETUP, nowhere, 0)).allMatch(p -> p.outlier() == null);
        assertThat(run(SETUP.withOutliers(8), null, 0)).allMatch(p -> p.outlier() == null);
        assertThat(run(SETUP.withOutliers(8), nowhere, 0)).allMatch(p -> p.outlier() != null);
    }
}
