package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.control.ControlSetup;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** The promotion gate in the operator: what is not published, what is said, when it goes back. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class LearnerGateTest {
    private static final int WARMUP = SteeredHarness.WARMUP;
    private static final int IMAGES = 20;

    /** Examines from the first version on and lets everything pass. */
    private static final GateSetup OPEN = new GateSetup(0, 1e9, 1e9, 1, 1e9, 2);

    /** No chains have the very energies of the anchors: nothing passes from update 3 on. */
    private static final GateSetup SHUT = new GateSetup(3, 1e9, 1e-9, 1, 1e9, 2);

    private static LearnerSetup setup(int publishEvery, GateSetup gate) {
        return SteeredHarness.setup(publishEvery)
                .with(new LearnerSetup.Extras(false, 0, new ControlSetup(2, 0, 9), gate));
    }

    private static ModelVersion version(long epoch, long counter) {
        return new ModelVersion(epoch, counter);
    }

    @Test
    void aVersionThatFailsIsNotPublishedAndAfterSomeLearningGoesBack() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1, SHUT))) {
            harness.open();
            harness.images(0, WARMUP + 2);
            assertThat(harness.versions()).containsExactly(version(0, 1), version(0, 2));
            JobEvent refused = harness.events().get(0);
            assertThat(refused.kind()).isEqualTo(ControlEventKind.VERSION_REFUSED);
            assertThat(refused.check()).isEqualTo("separation");
            assertThat(refused.found()).isGreaterThan(refused.bound());
            assertThat(refused.bound()).isEqualTo(1e-9);
            assertThat(refused.update()).isEqualTo(3);
            assertThat(refused.before()).isEqualTo(version(0, 2)).isEqualTo(refused.after());
            assertThat(harness.reports().get(2).published()).isNull();
            harness.images(WARMUP + 2, WARMUP + 3);
            assertThat(harness.events())
                    .extracting(JobEvent::kind)
                    .containsExactly(
                            ControlEventKind.VERSION_REFUSED,
                            ControlEventKind.VERSION_REFUSED,
                            ControlEventKind.ROLLED_BACK);
            PublishedModel back = harness.models().get(2);
            assertThat(back.version()).isEqualTo(version(1, 0));
            assertThat(back.parent()).isEqualTo(version(0, 2));
            assertThat(back.weights()).isEqualTo(harness.models().get(1).weights());
            assertThat(harness.events().get(2).after()).isEqualTo(version(1, 0));
            // learning goes on, and the count begins anew
            harness.images(WARMUP + 3, WARMUP + 4);
            assertThat(harness.models()).hasSize(3);
            assertThat(harness.events()).hasSize(4);
        }
    }

    @Test
    void anOrderToPublishIsNoWayRoundTheGate() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(100, SHUT))) {
            harness.open();
            harness.images(0, WARMUP + 4);
            JobEvent event = harness.order("1", ControlKind.PUBLISH);
            assertThat(event.kind()).isEqualTo(ControlEventKind.REJECTED);
            assertThat(event.message()).contains("refused: separation");
            harness.getOperator().finish();
            assertThat(harness.models()).isEmpty();
        }
    }

    @Test
    void versionsAreTheSameBitForBitAsLongAsNothingIsRefused() throws Exception {
        List<PublishedModel> without = whole(null);
        assertThat(without).hasSize(IMAGES - WARMUP + 1);
        assertThat(whole(OPEN))
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(without);
    }

    private static List<PublishedModel> whole(GateSetup gate) throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1, gate))) {
            harness.open();
            harness.images(0, IMAGES);
            assertThat(harness.events()).isEmpty();
            return List.copyOf(harness.models());
        }
    }

    @Test
    void refusalsAreCountedOnAfterARestart() throws Exception {
        List<JobEvent> whole;
        List<ModelVersion> versions;
        try (SteeredHarness harness = new SteeredHarness(setup(1, SHUT))) {
            harness.open();
            harness.images(0, IMAGES);
            whole = harness.events();
            versions = harness.versions();
        }
        List<JobEvent> parts = new ArrayList<>();
        List<ModelVersion> found = new ArrayList<>();
        OperatorSubtaskState snapshot = null;
        for (int i = WARMUP; i <= IMAGES; i++) {
            try (SteeredHarness harness = new SteeredHarness(setup(1, SHUT))) {
                if (snapshot != null) {
                    harness.initializeState(snapshot);
                }
                harness.open();
                Mails.runAll(harness);
                harness.images(snapshot == null ? 0 : i - 1, i);
                snapshot = harness.snapshot(1, 1);
                parts.addAll(harness.events());
                found.addAll(harness.versions());
            }
        }
        assertThat(parts).isEqualTo(whole);
        assertThat(found).isEqualTo(versions).contains(version(2, 0));
    }
}
