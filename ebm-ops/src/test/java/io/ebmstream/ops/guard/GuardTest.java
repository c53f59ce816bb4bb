package io.ebmstream.ops.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.learner.LearnerAdjustments;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Every row of the rails' table provoked with plain numbers. */
class GuardTest {
    private static final double EPS = 1e-2;
    private static final GuardConfig CONFIG = GuardConfig.of(ChainStart.DATA_PERSISTENT, 0.05);

    /** Deviations of healthy d below are about 50. */
    private static final double SWING = 200;

    private static Guard guard(GuardConfig config) {
        return new Guard(config, EPS, 2 * EPS, 0.05);
    }

    /** d of a healthy update: uniform in [-SWING / 2, SWING / 2]. */
    private static double healthy(int update) {
        return SWING * (Draws.uniform(3, update) - 0.5);
    }

    private static GuardObservation update(int update) {
        return update(update, healthy(update));
    }

    private static GuardObservation update(int update, double d) {
        return GuardObservation.of(update, d, 0.15, 3000, 0);
    }

    private static List<GuardAction> feed(
            Guard guard, int from, int to, IntFunction<GuardObservation> what) {
        List<GuardAction> actions = new ArrayList<>();
        for (int i = from; i < to && !guard.frozen(); i++) {
            actions.addAll(guard.observe(what.apply(i)));
        }
        return actions;
    }

    /** A guard that saw {@code count} healthy updates. */
    private static Guard settled(GuardConfig config, int count) {
        Guard guard = guard(config);
        assertThat(feed(guard, 0, count, GuardTest::update)).isEmpty();
        return guard;
    }

    private static List<GuardRemedy> remedies(List<GuardAction> actions) {
        return actions.stream().map(GuardAction::remedy).toList();
    }

    @Test
    void aHealthyCourseIsLeftAlone() {
        Guard guard = settled(CONFIG, 3000);
        assertThat(guard.healthy()).isTrue();
        assertThat(guard.adjustments()).isEqualTo(LearnerAdjustments.NONE);
    }

    @Test
    void oneUpdateThatIsNotFiniteIsDroppedAndTwoRollBack() {
        Guard guard = settled(CONFIG, 10);
        List<GuardAction> first = guard.observe(GuardObservation.dropped(10, "gradient"));
        assertThat(remedies(first)).containsExactly(GuardRemedy.DROP);
        assertThat(first.get(0).text()).contains("gradient");
        assertThat(guard.healthy()).isFalse();
        assertThat(guard.observe(update(10))).isEmpty();
        assertThat(guard.healthy()).isTrue();
        guard.observe(GuardObservation.dropped(11, "gradient"));
        assertThat(remedies(guard.observe(GuardObservation.dropped(11, "chain pixel"))))
                .containsExactly(GuardRemedy.DROP, GuardRemedy.ROLL_BACK);
        assertThat(guard.dropped()).isEqualTo(3);
        assertThat(guard.rollBacks()).isEqualTo(1);
        assertThat(guard.adjustments().salt()).isEqualTo(1);
        assertThat(guard.adjustments().rateFactor()).isEqualTo(0.5);
    }

    @Test
    void theThirdRollBackFreezes() {
        Guard guard = guard(CONFIG);
        byte[] memory = guard.memory();
        for (int i = 0; i < 3; i++) {
            assertThat(guard.frozen()).isFalse();
            guard.observe(GuardObservation.dropped(0, "weights"));
            List<GuardAction> actions = guard.observe(GuardObservation.dropped(0, "weights"));
            guard.rolledBack(memory);
            assertThat(remedies(actions).contains(GuardRemedy.FREEZE)).isEqualTo(i == 2);
        }
        assertThat(guard.frozen()).isTrue();
        assertThatThrownBy(() -> guard.observe(update(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("frozen");
        // what it kept goes on under a configuration that allows more
        Guard more = guard(CONFIG.withRollBacks(500, 2, 4));
        more.restore(guard.toBytes());
        assertThat(more.frozen()).isFalse();
        assertThat(more.observe(update(1))).isEmpty();
    }

    @Test
    void dFarOnOneSideEasesAndResumesWhenItComesBack() {
        Guard guard = settled(CONFIG, 600);
        List<GuardAction> actions = feed(guard, 600, 649, i -> update(i, 900));
        assertThat(actions).isEmpty();
        actions = feed(guard, 649, 650, i -> update(i, 900));
        assertThat(remedies(actions)).containsExactly(GuardRemedy.EASE);
        assertThat(guard.adjustments().rateFactor()).isEqualTo(0.5);
        assertThat(guard.adjustments().stepsFactor()).isEqualTo(2);
        assertThat(guard.healthy()).isFalse();
        actions = feed(guard, 650, 850, GuardTest::update);
        assertThat(remedies(actions)).containsExactly(GuardRemedy.RESUME);
        assertThat(guard.adjustments().rateFactor()).isEqualTo(1);
        assertThat(guard.adjustments().stepsFactor()).isEqualTo(1);
        assertThat(guard.healthy()).isTrue();
    }

    @Test
    void aChangeOfSideEndsTheRun() {
        Guard guard = settled(CONFIG, 600);
        assertThat(feed(guard, 600, 700, i -> update(i, i % 40 < 20 ? 900 : -900))).isEmpty();
    }

    @Test
    void dThatStillGrowsAfterEasingRollsBack() {
        Guard guard = settled(CONFIG, 600);
        List<GuardAction> actions = feed(guard, 600, 850, i -> update(i, 900 + 3 * (i - 600)));
        assertThat(remedies(actions))
                .containsExactly(GuardRemedy.EASE, GuardRemedy.RESUME, GuardRemedy.ROLL_BACK);
        assertThat(actions.get(2).sign()).isEqualTo(GuardSign.DIFFERENCE);
        assertThat(guard.rollBacks()).isEqualTo(1);
    }

    @Test
    void dThatFallsRaisesDataNoiseTwiceAndThenRollsBack() {
        Guard guard = new Guard(CONFIG, EPS, 0, 0.05);
        feed(guard, 0, 600, GuardTest::update);
        List<GuardAction> actions = feed(guard, 600, 1050, i -> update(i, -900 - 10 * (i - 600)));
        assertThat(remedies(actions))
                .startsWith(GuardRemedy.SOFTEN, GuardRemedy.SOFTEN, GuardRemedy.ROLL_BACK);
        assertThat(actions.get(0).sign()).isEqualTo(GuardSign.COLLAPSE);
        assertThat(guard.adjustments().leastDataNoise()).isEqualTo(3 * EPS);
        assertThat(guard.adjustments().rateFactor()).isEqualTo(0.125);
    }

    @Test
    void rhoOutsideForLongWarnsOnce() {
        Guard guard = settled(CONFIG, 400);
        List<GuardAction> actions =
                feed(guard, 400, 700, i -> GuardObservation.of(i, healthy(i), 0.5, 3000, 0));
        assertThat(remedies(actions)).containsExactly(GuardRemedy.WARN);
        assertThat(guard.healthy()).isFalse();
        actions = feed(guard, 700, 1000, i -> GuardObservation.of(i, healthy(i), 0.01, 3000, 0));
        assertThat(remedies(actions)).containsExactly(GuardRemedy.WARN);
        assertThat(actions.get(0).text()).contains("below");
    }

    @Test
    void rhoFarAboveRollsBackButNotWhileTheModelForms() {
        Guard guard = guard(CONFIG);
        assertThat(feed(guard, 0, 300, i -> GuardObservation.of(i, healthy(i), 3, 3000, 0)))
                .isEmpty();
        List<GuardAction> actions =
                feed(guard, 300, 310, i -> GuardObservation.of(i, healthy(i), 3, 3000, 0));
        assertThat(remedies(actions)).containsExactly(GuardRemedy.ROLL_BACK);
        assertThat(actions.get(0).sign()).isEqualTo(GuardSign.DISPLACEMENT);
    }

    @Test
    void aStartFromNoiseBoundsRhoByItsOwnFirstPhase() {
        Guard guard = guard(GuardConfig.of(ChainStart.PERSISTENT, 0.05));
        assertThat(feed(guard, 0, 900, i -> GuardObservation.of(i, healthy(i), 1.2, 3000, 0.4)))
                .isEmpty();
        assertThat(
                        remedies(
                                feed(
                                        guard,
                                        900,
                                        910,
                                        i -> GuardObservation.of(i, healthy(i), 4, 3000, 0.4))))
                .containsExactly(GuardRemedy.ROLL_BACK);
    }

    @Test
    void energiesThatOutgrowAllBeforeRollBackOnlyWithHighRho() {
        IntFunction<GuardObservation> calm =
                i -> GuardObservation.of(i, healthy(i), 0.1, 3000 * Math.pow(2, i / 50.), 0);
        assertThat(feed(guard(CONFIG), 0, 1000, calm)).isEmpty();
        IntFunction<GuardObservation> wild =
                i -> GuardObservation.of(i, healthy(i), 0.3, 3000 * Math.pow(2, i / 50.), 0);
        List<GuardAction> actions = feed(guard(CONFIG), 0, 350, wild);
        assertThat(remedies(actions)).contains(GuardRemedy.ROLL_BACK);
        assertThat(actions.get(0).sign()).isEqualTo(GuardSign.ENERGY_GROWTH);
        // slower than twice in 100 updates
        IntFunction<GuardObservation> slow =
                i -> GuardObservation.of(i, healthy(i), 0.3, 3000 * Math.pow(2, i / 200.), 0);
        assertThat(feed(guard(CONFIG), 0, 1000, slow)).isEmpty();
    }

    @Test
    void energiesThatComeBackFromNearZeroAreNoGrowth() {
        IntFunction<GuardObservation> swinging =
                i ->
                        GuardObservation.of(
                                i, healthy(i), 0.3, Math.abs(5000 * Math.sin(i / 120.)), 0);
        assertThat(feed(guard(CONFIG), 0, 3000, swinging)).isEmpty();
    }

    @Test
    void swingsOfDSlowDownMidRunLearningAndNotShortRun() {
        IntFunction<GuardObservation> swinging =
                i -> update(i, healthy(i) + (i % 2 == 0 ? 80 : -80));
        Guard guard = guard(CONFIG);
        List<GuardAction> actions = feed(guard, 0, 999, swinging);
        assertThat(remedies(actions)).containsExactly(GuardRemedy.SLOW);
        assertThat(guard.adjustments().rateFactor()).isEqualTo(0.3);
        assertThat(feed(guard(GuardConfig.of(ChainStart.NOISE, 0)), 0, 1200, swinging)).isEmpty();
        assertThat(feed(guard(GuardConfig.of(ChainStart.DATA_PERSISTENT, 0.5)), 0, 1200, swinging))
                .isEmpty();
    }

    @Test
    void chainsOutOfRangeRestartAndTooManyRollBack() {
        Guard guard = settled(CONFIG, 400);
        IntFunction<GuardObservation> some =
                i -> GuardObservation.of(i, healthy(i), 0.15, 3000, 0.05);
        assertThat(remedies(feed(guard, 400, 420, some)))
                .containsExactly(GuardRemedy.RESTART_CHAINS);
        IntFunction<GuardObservation> many =
                i -> GuardObservation.of(i, healthy(i), 0.15, 3000, 0.3);
        assertThat(remedies(feed(guard, 420, 440, many))).contains(GuardRemedy.ROLL_BACK);
    }

    @Test
    void saturatedPixelsBeyondTheDatasRestartChains() {
        Guard guard = settled(CONFIG, 400);
        assertThat(feed(guard, 400, 450, i -> update(i).withSaturation(0.25, 0.2))).isEmpty();
        assertThat(feed(guard, 450, 500, i -> update(i).withSaturation(0.18, 0.01))).isEmpty();
        assertThat(remedies(feed(guard, 500, 510, i -> update(i).withSaturation(0.7, 0.2))))
                .containsExactly(GuardRemedy.RESTART_CHAINS);
    }

    @Test
    void aBankThatBecomesAlikeIsRefreshedUntilItRecovers() {
        Guard guard = settled(CONFIG, 400);
        assertThat(remedies(guard.observe(update(400).withDiversity(0.4, 1))))
                .containsExactly(GuardRemedy.REFRESH);
        assertThat(guard.adjustments().leastRejuvenation()).isEqualTo(0.1);
        guard.observe(update(401).withDiversity(0.4, 1));
        assertThat(guard.adjustments().leastRejuvenation()).isEqualTo(0.2);
        assertThat(guard.observe(update(402).withDiversity(0.6, 1))).isEmpty();
        assertThat(remedies(guard.observe(update(403).withDiversity(0.9, 1))))
                .containsExactly(GuardRemedy.SETTLE);
        assertThat(guard.adjustments().leastRejuvenation()).isZero();
    }

    @Test
    void aRestoredGuardAnswersAsOneThatWentOn() {
        IntFunction<GuardObservation> course =
                i ->
                        i % 97 == 0
                                ? GuardObservation.dropped(i, "gradient")
                                : GuardObservation.of(
                                                i,
                                                i > 700 && i < 900 ? 1200 : healthy(i),
                                                i > 1000 ? 0.6 : 0.1,
                                                100 * i,
                                                i % 50 == 3 ? 0.04 : 0)
                                        .withDiversity(i % 100 == 7 ? 0.3 : 0.9, 1);
        Guard whole = guard(CONFIG);
        List<GuardAction> expected = feed(whole, 0, 1500, course);
        Guard restored = guard(CONFIG);
        List<GuardAction> found = new ArrayList<>();
        for (int i = 0; i < 1500; i += 20) {
            Guard next = guard(CONFIG);
            next.restore(restored.toBytes());
            restored = next;
            found.addAll(feed(restored, i, i + 20, course));
        }
        assertThat(found).isEqualTo(expected).hasSizeGreaterThan(5);
        assertThat(restored.toBytes()).isEqualTo(whole.toBytes());
    }

    @Test
    void thresholdsAreChecked() {
        assertThatThrownBy(() -> CONFIG.withLostShare(0.01))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("above 0.02");
        assertThatThrownBy(() -> CONFIG.withRho(0.4, 0.3))
                .hasMessageContaining("above the upper, 0.4");
        assertThatThrownBy(() -> CONFIG.withRollBacks(0, 1, 1)).hasMessageContaining("found 0");
    }
}
