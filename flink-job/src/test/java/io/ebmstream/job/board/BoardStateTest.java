package io.ebmstream.job.board;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.control.ControlAction;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoardStateTest {
    /** Points of one second. */
    private static final long HISTORY = 1_000L * BoardState.POINTS;

    private static final long T = 1_800_000_000_000L;

    private final BoardState state = new BoardState("default", HISTORY, true);

    @Test
    void countsImagesASecondAndTheirLatency() {
        for (int i = 0; i < 10; i++) {
            state.purified(Records.purified("a", "i" + i, 1, T - 200), T + 50);
        }
        state.purified(Records.purified("a", "next", 1, T), T + 1_500);
        List<List<Double>> flow = state.since(0, T).flow();
        assertThat(flow)
                .containsExactly(
                        List.of(T / 1e3, 10.0, 0.25, 0.25), List.of(T / 1e3 + 1, 1.0, 1.5, 1.5));
    }

    @Test
    void aViewHasWhatChangedOnly() {
        state.topic("density readings", "ebm.density", true);
        state.density(Records.reading("a", -3, 0.5), T);
        state.density(Records.reading("b", -4, 0.5), T);
        BoardView first = state.since(0, T);
        assertThat(first.streams()).extracting(BoardView.Stream::name).containsExactly("a", "b");
        assertThat(first.topics()).hasSize(1);

        assertThat(state.since(first.number(), T).streams()).isEmpty();
        state.density(Records.reading("b", -6, 1.5), T + 10);
        BoardView second = state.since(first.number(), T);
        assertThat(second.topics()).isNull();
        assertThat(second.versions()).isNull();
        assertThat(second.pairs()).isNull();
        assertThat(second.streams())
                .singleElement()
                .satisfies(
                        b -> {
                            assertThat(b.name()).isEqualTo("b");
                            // quantiles 0.05, 0.5, 0.95; mean z; count; the point replaces that of
                            // its time
                            assertThat(b.points())
                                    .containsExactly(
                                            Arrays.asList(
                                                    T / 1e3, -6.0, -6.0, -4.0, 1.0, 2.0, null));
                        });
    }

    @Test
    void whatIsNotFiniteSpoilsNoPoint() {
        state.density(Records.reading("a", Double.NaN, 0), T);
        assertThat(state.since(0, T).streams().get(0).points().get(0))
                .containsExactly(T / 1e3, null, null, null, null, 0.0, null);
        DensityReading reading = Records.reading("a", 2, 0);
        reading.setCalibratedEnergy(1.5);
        state.density(reading, T);
        assertThat(state.since(0, T).streams().get(0).points().get(0))
                .containsExactly(T / 1e3, 2.0, 2.0, 2.0, 0.0, 1.0, 1.5);
    }

    @Test
    void itStaysBoundedWhateverComes() {
        for (int i = 0; i < 2_000; i++) {
            long time = T + 1_000L * i;
            state.density(Records.reading("a", i, 0), time);
            state.density(Records.reading("stream " + i, i, 0), T);
            state.diagnostics(Records.update(i % 20, i, i), time);
            state.manifest(Records.manifest(i), time);
            state.alarm(Records.alarm("alarms of " + i, ""), time);
            state.deadLetter("decode", "no image", time);
            state.pair(Records.purified("a", "i", 1, T), time, new byte[1], new byte[1]);
            state.command(ControlAction.PAUSE.command("id " + i, "default", null, "", time), time);
        }
        BoardView view = state.since(0, T);
        assertThat(view.streams()).hasSize(BoardState.STREAMS);
        assertThat(view.streamsLeftOut()).isTrue();
        assertThat(view.streams().get(0).points()).hasSize(BoardState.POINTS);
        assertThat(view.streams().get(0).points().get(0).get(0))
                .isEqualTo(T / 1e3 + 2_000 - BoardState.POINTS);
        assertThat(view.learners()).hasSize(BoardState.SHARDS);
        assertThat(view.versions()).hasSize(BoardState.VERSIONS);
        assertThat(view.versions().get(0).version()).isEqualTo("0.1999");
        assertThat(state.grid("0.0")).isEmpty();
        assertThat(state.grid("0.1999")).isPresent();
        assertThat(view.alarms()).hasSize(BoardState.LINES);
        assertThat(view.orders()).hasSize(BoardState.LINES);
        assertThat(view.deadLetters().count()).isEqualTo(2_000);
        assertThat(view.deadLetters().last()).hasSize(BoardState.LINES);
        assertThat(view.pairs()).hasSize(BoardState.PAIRS);
        assertThat(state.picture(1, true)).isEmpty();
        assertThat(state.picture(2_000, true)).isPresent();
    }

    @Test
    void alarmsAreToldWhenTheyChangeOnly() {
        state.topic("alarms", "ebm.alarms", true);
        state.alarm(Records.alarm("a", "", "i"), T);
        long told = state.since(0, T).number();
        state.read("ebm.alarms", T, true);
        assertThat(state.since(told, T).topics()).hasSize(1);
        assertThat(state.since(told, T).alarms()).isNull();

        assertThat(state.exampleToRead()).isNull();
        state.purified(Records.purified("a", "i", 1, T), T);
        ImagePlace place = state.exampleToRead();
        told = state.since(0, T).number();
        state.example(place, new byte[] {7});
        BoardView view = state.since(told, T);
        long picture = view.alarms().get(0).examples().get(0).picture();
        assertThat(state.example(picture)).hasValue(new byte[] {7});
    }

    @Test
    void whoHasNothingIsToldOfEmptyListsAsWell() {
        BoardView view = state.since(0, T);
        assertThat(view.topics()).isEmpty();
        assertThat(view.versions()).isEmpty();
        assertThat(view.pairs()).isEmpty();
        assertThat(view.alarms()).isEmpty();
        assertThat(view.orders()).isEmpty();
        assertThat(view.deadLetters().last()).isEmpty();
    }

    @Test
    void aSilentStreamMakesRoom() {
        for (int i = 0; i < BoardState.STREAMS; i++) {
            state.density(Records.reading("old " + i, 0, 0), T);
        }
        state.density(Records.reading("new", 0, 0), T + HISTORY + 1);
        assertThat(state.since(0, T).streams())
                .extracting(BoardView.Stream::name)
                .containsExactly("new");
    }

    @Test
    void nowAndThenAPictureOfEachStream() {
        state.purified(Records.purified("a", "1", 1, T), T);
        state.purified(Records.purified("b", "1", 1, T), T);
        assertThat(state.wanted(Records.purified("a", "1", 1, T), T)).isTrue();
        assertThat(state.wanted(Records.purified("a", "2", 1, T), T + 1)).isFalse();
        assertThat(state.wanted(Records.purified("b", "1", 1, T), T + 1)).isTrue();
        assertThat(state.wanted(Records.purified("a", "3", 1, T), T + BoardState.PAIR_EVERY_MILLIS))
                .isTrue();
    }

    @Test
    void rhatTellsLearningThatDriftsFromLearningThatDoesNot() {
        for (int i = 1; i <= BoardState.RHAT_UPDATES; i++) {
            assertThat(i > BoardState.RHAT_LEAST)
                    .isEqualTo(i > 1 && state.since(0, T).learners().get(0).rhat() != null);
            state.diagnostics(Records.update(0, i, i % 2 == 0 ? 1 : -1), T + i);
            state.diagnostics(Records.update(1, i, i + (i % 2 == 0 ? 1 : -1)), T + i);
        }
        List<BoardView.Learner> learners = state.since(0, T).learners();
        assertThat(learners.get(0).rhat()).isBetween(0.98, 1.01);
        assertThat(learners.get(1).rhat()).isGreaterThan(1.5);
    }

    @Test
    void showsALearnersUpdate() {
        LearnerDiagnostics update = Records.update(0, 7, -2.5);
        update.setEvent("restored");
        update.setChainAge(41);
        update.setOldestChain(180);
        state.diagnostics(update, T);
        BoardView.Learner learner = state.since(0, T).learners().get(0);
        assertThat(learner.update()).isEqualTo(7);
        assertThat(learner.executor()).isEqualTo("onednn bf16");
        assertThat(learner.event()).isEqualTo("update 7: restored");
        assertThat(learner.age()).isEqualTo(41);
        assertThat(learner.oldest()).isEqualTo(180);
        assertThat(learner.points())
                .containsExactly(List.of(T / 1e3, -2.5, 0.25, 0.125, 1.0, 3.5, 0.0, 7.0));
    }

    @Test
    void anOrderWaitsUntilItIsAnswered() {
        state.command(ControlAction.PIN.command("x", "default", "0.2", "odd", 0), T);
        assertThat(state.since(0, T).orders())
                .singleElement()
                .satisfies(
                        o -> {
                            assertThat(o.order()).isEqualTo("pin 0.2");
                            assertThat(o.answer()).isEmpty();
                        });
        assertThat(state.since(0, T).pinned()).isNull();

        state.event(Records.answer("x", ControlKind.PIN, ControlEventKind.DONE), T + 1);
        assertThat(state.since(0, T).orders())
                .containsExactly(
                        new BoardView.Order(
                                "x", "pin 0.2", "done", T + 1, "0.3", "odd", "so it is"));
        assertThat(state.since(0, T).pinned()).isEqualTo("0.2");

        // refused: nothing has changed
        state.event(Records.answer("y", ControlKind.UNPIN, ControlEventKind.REJECTED), T + 2);
        assertThat(state.since(0, T).pinned()).isEqualTo("0.2");
        state.event(Records.answer("z", ControlKind.UNPIN, ControlEventKind.DONE), T + 3);
        assertThat(state.since(0, T).pinned()).isNull();
    }

    @Test
    void anAnswerMayBeReadBeforeItsOrder() {
        state.event(Records.answer("x", ControlKind.PIN, ControlEventKind.DONE), T + 1);
        assertThat(state.since(0, T).pinned()).isNull();
        state.command(ControlAction.PIN.command("x", "default", "0.2", "odd", 0), T);
        assertThat(state.since(0, T).orders())
                .containsExactly(
                        new BoardView.Order(
                                "x", "pin 0.2", "done", T + 1, "0.3", "odd", "so it is"));
        assertThat(state.since(0, T).pinned()).isEqualTo("0.2");

        // an order that no longer holds pins nothing when it is read
        state.event(Records.answer("y", ControlKind.PIN, ControlEventKind.DONE), T + 2);
        state.event(Records.answer("z", ControlKind.UNPIN, ControlEventKind.DONE), T + 3);
        state.command(ControlAction.PIN.command("y", "default", "0.4", "", 0), T);
        assertThat(state.since(0, T).pinned()).isNull();
    }

    @Test
    void otherModelsArePassedBy() {
        BoardState other = new BoardState("other", HISTORY, false);
        other.purified(Records.purified("a", "1", 1, T), T);
        other.density(Records.reading("a", 0, 0), T);
        other.diagnostics(Records.update(0, 1, 0), T);
        other.manifest(Records.manifest(1), T);
        other.alarm(Records.alarm("a", ""), T);
        BoardView view = other.since(0, T);
        assertThat(view.number()).isZero();
        assertThat(view.flow()).isEmpty();
        assertThat(view.streams()).isEmpty();
        assertThat(view.learners()).isEmpty();
        assertThat(other.wanted(Records.purified("a", "1", 1, T), T)).isFalse();
    }
}
