package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.Mails;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.ControlSetup;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Orders to the learner: what each does, what is refused, and what holds after a restart. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class SteeredLearnerTest {
    private static final int WARMUP = SteeredHarness.WARMUP;
    private static final int KEEP = 2;
    private static final ControlSetup CONTROL = new ControlSetup(KEEP, 5, 50);

    private static LearnerSetup setup(int publishEvery) {
        return SteeredHarness.setup(publishEvery)
                .with(new LearnerSetup.Extras(false, 0, CONTROL, null));
    }

    private static ModelVersion version(long epoch, long counter) {
        return new ModelVersion(epoch, counter);
    }

    @Test
    void aPausedLearnerTakesImagesInAndUpdatesNoMore() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            harness.images(0, WARMUP + 1);
            JobEvent paused = harness.order("1", ControlKind.PAUSE);
            assertThat(paused.kind()).isEqualTo(ControlEventKind.DONE);
            assertThat(paused.update()).isEqualTo(2);
            assertThat(paused.before()).isEqualTo(version(0, 2)).isEqualTo(paused.after());
            assertThat(paused.eventTime()).isEqualTo(1_000L + WARMUP);
            harness.images(WARMUP + 1, WARMUP + 5);
            assertThat(harness.reports()).hasSize(2);
            assertThat(harness.order("2", ControlKind.PAUSE).kind())
                    .isEqualTo(ControlEventKind.ALREADY_DONE);
            assertThat(harness.order("3", ControlKind.RESUME).kind())
                    .isEqualTo(ControlEventKind.DONE);
            // one update for all that came meanwhile
            assertThat(harness.reports()).hasSize(3);
            assertThat(harness.reports().get(2).imagesSeen()).isEqualTo(WARMUP + 5);
            harness.images(WARMUP + 5, WARMUP + 6);
            assertThat(harness.reports()).hasSize(4);
        }
    }

    @Test
    void imagesPassAFrozenLearnerByAndItPublishesNothing() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(5))) {
            harness.open();
            harness.images(0, WARMUP);
            harness.order("1", ControlKind.FREEZE);
            assertThat(harness.order("2", ControlKind.PUBLISH).kind())
                    .isEqualTo(ControlEventKind.REJECTED);
            harness.images(WARMUP, WARMUP + 4);
            harness.getOperator().finish();
            assertThat(harness.models()).isEmpty();
            harness.order("3", ControlKind.RESUME);
            harness.images(WARMUP + 4, WARMUP + 5);
            assertThat(harness.reports().get(1).imagesSeen()).isEqualTo(WARMUP + 1);
        }
    }

    @Test
    void publishesTheWeightsOfNowOnce() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(100))) {
            harness.open();
            harness.images(0, WARMUP + 2);
            JobEvent event = harness.order("1", ControlKind.PUBLISH);
            assertThat(event.kind()).isEqualTo(ControlEventKind.DONE);
            assertThat(event.before()).isEqualTo(ModelVersion.INITIAL);
            assertThat(event.after()).isEqualTo(version(0, 1));
            assertThat(harness.versions()).containsExactly(version(0, 1));
            assertThat(harness.models().get(0).updates()).isEqualTo(3);
            assertThat(harness.order("2", ControlKind.PUBLISH).kind())
                    .isEqualTo(ControlEventKind.ALREADY_DONE);
        }
    }

    @Test
    void pinsAVersionThatIsKeptAndKeepsItAsLongAsItIsPinned() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            harness.images(0, WARMUP + 2);
            JobEvent old = harness.order("1", ControlKind.PIN, version(0, 1));
            assertThat(old.kind()).isEqualTo(ControlEventKind.REJECTED);
            assertThat(old.message()).contains("0.2, 0.3").contains("found 0.1");
            assertThat(harness.order("2", ControlKind.PIN, null).message()).contains("found none");
            assertThat(harness.order("3", ControlKind.PIN, version(0, 2)).kind())
                    .isEqualTo(ControlEventKind.DONE);
            ModelDelivery delivery = harness.deliveries().get(0);
            assertThat(delivery.version()).isEqualTo(version(0, 2));
            assertThat(delivery.weights()).isEqualTo(harness.models().get(1).weights());
            assertThat(delivery.orders()).isEqualTo(new StandingOrders(1, version(0, 2), null));
            harness.images(WARMUP + 2, WARMUP + 5);
            assertThat(harness.order("4", ControlKind.PIN, version(0, 2)).kind())
                    .isEqualTo(ControlEventKind.ALREADY_DONE);
            assertThat(harness.order("5", ControlKind.PIN, version(0, 4)).message())
                    .contains("[0.2, 0.5, 0.6]");
            assertThat(harness.order("6", ControlKind.UNPIN).kind())
                    .isEqualTo(ControlEventKind.DONE);
            assertThat(harness.deliveries().get(1))
                    .isEqualTo(ModelDelivery.of(new StandingOrders(2, null, null)));
            assertThat(harness.order("7", ControlKind.UNPIN).kind())
                    .isEqualTo(ControlEventKind.ALREADY_DONE);
            assertThat(harness.order("8", ControlKind.PIN, version(0, 2)).kind())
                    .isEqualTo(ControlEventKind.REJECTED);
        }
    }

    @Test
    void rollsBackToAVersionInANewEpochAndLearnsOnFromIt() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            harness.images(0, WARMUP + 3);
            JobEvent event = harness.order("1", ControlKind.ROLL_BACK, version(0, 3));
            assertThat(event.kind()).isEqualTo(ControlEventKind.DONE);
            assertThat(event.before()).isEqualTo(version(0, 4));
            assertThat(event.after()).isEqualTo(version(1, 0));
            PublishedModel back = harness.models().get(4);
            assertThat(back.version()).isEqualTo(version(1, 0));
            assertThat(back.parent()).isEqualTo(version(0, 3));
            assertThat(back.weights()).isEqualTo(harness.models().get(2).weights());
            assertThat(back.updates()).isEqualTo(4);
            harness.images(WARMUP + 3, WARMUP + 5);
            PublishedModel next = harness.models().get(5);
            assertThat(next.version()).isEqualTo(version(1, 1));
            assertThat(next.parent()).isEqualTo(version(1, 0));
            assertThat(next.updates()).isEqualTo(5);
            assertThat(next.weights()).isNotEqualTo(back.weights());
            assertThat(harness.order("2", ControlKind.ROLL_BACK, version(1, 2)).kind())
                    .isEqualTo(ControlEventKind.ALREADY_DONE);
            assertThat(harness.order("3", ControlKind.ROLL_BACK, version(9, 9)).kind())
                    .isEqualTo(ControlEventKind.REJECTED);
        }
    }

    @Test
    void setsStepsWithinBounds() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            assertThat(steps(harness, "1", 51).message()).contains("5 to 50").contains("found 51");
            assertThat(steps(harness, "2", 4).kind()).isEqualTo(ControlEventKind.REJECTED);
            assertThat(steps(harness, "3", null).kind()).isEqualTo(ControlEventKind.REJECTED);
            assertThat(steps(harness, "4", 7).kind()).isEqualTo(ControlEventKind.DONE);
            assertThat(steps(harness, "5", 7).kind()).isEqualTo(ControlEventKind.ALREADY_DONE);
            assertThat(harness.deliveries())
                    .containsExactly(ModelDelivery.of(new StandingOrders(1, null, 7)));
        }
    }

    private static JobEvent steps(SteeredHarness harness, String id, Integer steps)
            throws Exception {
        return harness.order(
                new ControlOrder(id, "default", ControlKind.SET_STEPS, null, steps, ""));
    }

    @Test
    void refusesOrdersToOthersAndThoseItDoesNotKnow() throws Exception {
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            JobEvent other =
                    harness.order(
                            new ControlOrder("1", "other", ControlKind.PAUSE, null, null, ""));
            assertThat(other.kind()).isEqualTo(ControlEventKind.REJECTED);
            assertThat(other.message()).contains("model default").contains("found one to other");
            assertThat(harness.order("2", ControlKind.UNKNOWN).kind())
                    .isEqualTo(ControlEventKind.REJECTED);
            // what was refused was not done, so the id is free
            assertThat(harness.order("1", ControlKind.PAUSE).kind())
                    .isEqualTo(ControlEventKind.DONE);
        }
    }

    @Test
    void anIdIsCarriedOutOnceAlsoAfterARestartUntilItIsForgotten() throws Exception {
        OperatorSubtaskState snapshot;
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            harness.order("once", ControlKind.PAUSE);
            harness.order("r", ControlKind.RESUME);
            snapshot = harness.snapshot(1, 1);
        }
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.initializeState(snapshot);
            harness.open();
            JobEvent again = harness.order("once", ControlKind.PAUSE);
            assertThat(again.kind()).isEqualTo(ControlEventKind.ALREADY_DONE);
            assertThat(again.message()).contains("before");
            harness.images(0, WARMUP);
            assertThat(harness.reports()).hasSize(1);
            for (int i = 0; i < ShardOrders.IDS; i++) {
                harness.order("n" + i, ControlKind.RESUME);
            }
            assertThat(harness.order("once", ControlKind.PAUSE).kind())
                    .isEqualTo(ControlEventKind.DONE);
        }
    }

    @Test
    void anOrderWaitsForTheUpdateInProgressAndForARestart() throws Exception {
        OperatorSubtaskState snapshot;
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            harness.images(0, WARMUP);
            harness.image(WARMUP);
            Mails.run(harness, 2);
            harness.take(
                    new ControlOrder("1", "default", ControlKind.PAUSE, null, null, "for a test"));
            Mails.run(harness, 1);
            assertThat(harness.events()).isEmpty();
            snapshot = harness.snapshot(1, 1);
        }
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.initializeState(snapshot);
            harness.open();
            Mails.runAll(harness);
            assertThat(harness.reports()).hasSize(1);
            assertThat(harness.events()).hasSize(1);
            assertThat(harness.events().get(0).update()).isEqualTo(2);
            harness.images(WARMUP + 1, WARMUP + 3);
            assertThat(harness.reports()).hasSize(1);
        }
    }

    /** A script of orders between images, cut after every step in another run. */
    @Test
    void whatWasOrderedHoldsAfterARestartBitForBit() throws Exception {
        int steps = 14;
        List<PublishedModel> whole = new ArrayList<>();
        List<JobEvent> wholeEvents = new ArrayList<>();
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            for (int i = 0; i < steps; i++) {
                step(harness, i);
            }
            whole.addAll(harness.models());
            wholeEvents.addAll(harness.events());
        }
        assertThat(whole).extracting(m -> m.version().epoch()).contains(1L);
        List<PublishedModel> parts = new ArrayList<>();
        List<JobEvent> events = new ArrayList<>();
        OperatorSubtaskState snapshot = null;
        for (int i = 0; i < steps; i++) {
            try (SteeredHarness harness = new SteeredHarness(setup(1))) {
                if (snapshot != null) {
                    harness.initializeState(snapshot);
                }
                harness.open();
                Mails.runAll(harness);
                if (i > 1) {
                    // purifiers are told again after every restart
                    assertThat(harness.deliveries().get(0).orders().pinned())
                            .isEqualTo(version(0, 2));
                }
                step(harness, i);
                snapshot = harness.snapshot(1, 1);
                parts.addAll(harness.models());
                events.addAll(harness.events());
            }
        }
        assertThat(parts)
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                // of chains that a restored learner has not moved yet
                .ignoringFields("chainEnergy", "samplesPng")
                .isEqualTo(whole);
        assertThat(events).isEqualTo(wholeEvents);
    }

    private static void step(SteeredHarness harness, int i) throws Exception {
        switch (i) {
            case 0 -> harness.images(0, WARMUP + 2);
            case 1 -> harness.order("pin", ControlKind.PIN, version(0, 2));
            case 6 -> harness.order("pause", ControlKind.PAUSE);
            case 8 -> harness.order("back", ControlKind.ROLL_BACK, version(0, 2));
            case 10 -> harness.order("resume", ControlKind.RESUME);
            default -> harness.images(WARMUP + 2 + 3 * i, WARMUP + 5 + 3 * i);
        }
    }

    @Test
    void withoutOrdersNothingThatWasOrderedHoldsAnyMore() throws Exception {
        OperatorSubtaskState snapshot;
        try (SteeredHarness harness = new SteeredHarness(setup(1))) {
            harness.open();
            harness.images(0, WARMUP);
            harness.order("1", ControlKind.PIN, version(0, 1));
            harness.order("2", ControlKind.FREEZE);
            snapshot = harness.snapshot(1, 1);
        }
        try (SteeredHarness harness = new SteeredHarness(SteeredHarness.setup(1))) {
            harness.initializeState(snapshot);
            harness.open();
            harness.images(WARMUP, WARMUP + 1);
            assertThat(harness.deliveries())
                    .containsExactly(ModelDelivery.of(new StandingOrders(2, null, null)));
            assertThat(harness.reports()).hasSize(1);
        }
    }
}
