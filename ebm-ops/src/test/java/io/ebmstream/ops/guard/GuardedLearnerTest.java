package io.ebmstream.ops.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.learner.LearnerAdjustments;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every roll-back and remedy provoked on a real learner. */
class GuardedLearnerTest {
    private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
    private static final Network NETWORK =
            new Network(
                    "tiny",
                    SHAPE,
                    List.of(
                            new Network.Node(
                                    "conv",
                                    new Layer.Conv2d(1, 2, 4, 2, 1, true),
                                    List.of(Network.IMAGE)),
                            new Network.Node("act", new Layer.LeakyRelu(0.05), List.of(0)),
                            new Network.Node(
                                    "out", new Layer.Dense(2 * 4 * 4, 1, true), List.of(1))));
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);
    private static final int BANK = 40;
    private static final int BATCH = 6;

    /** Rails that are armed soon, so that tests are short. */
    private static final GuardConfig SOON =
            GuardConfig.of(ChainStart.DATA_PERSISTENT, 0.05)
                    .withWindows(40, 20)
                    .withMeasurements(1000)
                    .withRollBacks(10, 2, 3);

    private final PoisonExecutor executor = new PoisonExecutor();

    private static LearnerConfigBuilder learning() {
        return LearnerConfig.builder(NETWORK)
                .langevin(LangevinConfig.of(1e-2, 1e-3))
                .start(ChainStart.DATA_PERSISTENT)
                .steps(2)
                .bankSize(BANK)
                .rejuvenation(0.05)
                .batch(BATCH)
                .part(4)
                .replayCapacity(64)
                .warmupImages(8)
                .imagesPerUpdate(2);
    }

    private MaximumLikelihoodLearner learner(LearnerConfig config) {
        return new MaximumLikelihoodLearner(
                config, executor, Precision.FLOAT32, Initializer.weights(NETWORK, 1));
    }

    private GuardedLearner guarded(LearnerConfig config, GuardConfig rails) {
        return new GuardedLearner(learner(config), rails, executor);
    }

    /** Feeds images until {@code updates} more are complete; returns what the rails did. */
    private static List<GuardAction> run(GuardedLearner learner, int updates) {
        List<GuardAction> actions = new ArrayList<>();
        int done = 0;
        for (int i = 0; done < updates && !learner.frozen(); i++) {
            if (learner.updating() || learner.offer(IMAGES.image(i % 64).pixels())) {
                while (!learner.advance(Long.MAX_VALUE)) {}
                actions.addAll(learner.actions());
                done++;
            }
        }
        return actions;
    }

    private static List<GuardRemedy> remedies(List<GuardAction> actions) {
        return actions.stream().map(GuardAction::remedy).toList();
    }

    private static Map<String, byte[]> learned(GuardedLearner learner) {
        Map<String, byte[]> pieces = learner.learner().copyState();
        pieces.keySet().removeIf(name -> name.startsWith("replay/"));
        return pieces;
    }

    @Test
    void healthyLearningIsTheSameBitsWithAndWithoutRails() {
        try (GuardedLearner with = guarded(learning().build(), SOON);
                MaximumLikelihoodLearner without = learner(learning().build())) {
            assertThat(run(with, 60)).isEmpty();
            for (int i = 0; without.updates() < 60; i++) {
                if (without.offer(IMAGES.image(i % 64).pixels())) {
                    while (!without.advance(Long.MAX_VALUE)) {}
                }
            }
            assertThat(with.learner().parameters()).isEqualTo(without.parameters());
            assertThat(with.learner().adjustments()).isEqualTo(LearnerAdjustments.NONE);
        }
    }

    @Test
    void twoPoisonedUpdatesRollEverythingBackAndAnotherCourseFollows() {
        try (GuardedLearner learner = guarded(learning().build(), SOON)) {
            run(learner, 10);
            // at update 10 a state was kept
            Map<String, byte[]> good = learned(learner);
            float[] averaged = learner.learner().averagedParameters();
            run(learner, 4);
            executor.poisoned = true;
            assertThat(remedies(run(learner, 1))).containsExactly(GuardRemedy.DROP);
            List<GuardAction> actions = run(learner, 1);
            assertThat(remedies(actions)).containsExactly(GuardRemedy.DROP, GuardRemedy.ROLL_BACK);
            assertThat(actions.get(0).text()).contains("gradient");
            assertThat(learner.rolledBack()).isTrue();
            executor.poisoned = false;
            assertThat(learner.learner().updates()).isEqualTo(10);
            assertThat(learner.learner().averagedParameters()).isEqualTo(averaged);
            Map<String, byte[]> back = learned(learner);
            back.remove("adjustments");
            for (String piece : good.keySet()) {
                if (piece.startsWith("bank/")) {
                    assertThat(back.get(piece)).as(piece).isEqualTo(good.get(piece));
                }
            }
            assertThat(learner.learner().adjustments().salt()).isEqualTo(1);
            assertThat(learner.learner().adjustments().rateFactor()).isEqualTo(0.5);
            assertThat(remedies(run(learner, 3))).isEmpty();
            assertThat(learner.rolledBack()).isFalse();
            assertThat(learner.learner().updates()).isEqualTo(13);
        }
    }

    @Test
    void aSecondRollBackGoesFurtherBackAndTheThirdFreezes() {
        try (GuardedLearner learner = guarded(learning().build(), SOON)) {
            run(learner, 24);
            executor.poisoned = true;
            run(learner, 2);
            assertThat(learner.learner().updates()).isEqualTo(20);
            run(learner, 2);
            assertThat(learner.learner().updates()).isEqualTo(10);
            assertThat(remedies(run(learner, 2)))
                    .containsExactly(
                            GuardRemedy.DROP,
                            GuardRemedy.DROP,
                            GuardRemedy.ROLL_BACK,
                            GuardRemedy.FREEZE);
            executor.poisoned = false;
            assertThat(learner.frozen()).isTrue();
            assertThat(learner.learner().updates()).isEqualTo(10);
            for (int i = 0; i < 20; i++) {
                assertThat(learner.offer(IMAGES.image(i).pixels())).isFalse();
            }
            assertThat(learner.updating()).isFalse();
            assertThatThrownBy(learner::beginUpdate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("frozen");
            // its weights still serve
            assertThat(learner.learner().evaluateAverage().anchorEnergies()).isNotEmpty();
        }
    }

    @Test
    void aRateFarTooHighIsLowered() {
        LearnerConfig wild = learning().learningRate(Schedule.constant(1)).build();
        try (GuardedLearner learner = guarded(wild, SOON)) {
            List<GuardAction> actions = run(learner, 150);
            assertThat(remedies(actions)).contains(GuardRemedy.ROLL_BACK);
            assertThat(learner.guard().adjustments().rateFactor()).isLessThanOrEqualTo(0.5);
        }
    }

    @Test
    void dataWhoseEnergiesSinkGetNoise() {
        LearnerConfig noiseless = learning().dataNoise(0).build();
        try (GuardedLearner learner = guarded(noiseless, SOON.withDifference(8, 10, 20))) {
            run(learner, 40);
            List<GuardAction> actions = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                // T is 1e-3: d falls by 100 with each update, against deviations of a few
                executor.sunk = 0.1f * (i + 5);
                actions.addAll(run(learner, 1));
            }
            assertThat(remedies(actions)).containsExactly(GuardRemedy.SOFTEN);
            assertThat(learner.learner().adjustments().leastDataNoise()).isEqualTo(2e-2);
            executor.sunk = 0;
            run(learner, 1);
            assertThat(learner.lastUpdate().learningRate()).isEqualTo(0.5e-4);
        }
    }

    @Test
    void chainsPushedOutOfRangeRestart() {
        try (GuardedLearner learner = guarded(learning().build(), SOON)) {
            run(learner, 40);
            push(learner, 3);
            List<GuardAction> actions = run(learner, 10);
            assertThat(remedies(actions)).contains(GuardRemedy.RESTART_CHAINS);
            assertThat(actions.get(0).sign()).isEqualTo(GuardSign.OUT_OF_RANGE);
            run(learner, 10);
            assertThat(learner.lastUpdate().chainsOutOfRange()).isZero();
        }
    }

    @Test
    void aBankThatStaysOutOfRangeRollsBackWhole() {
        try (GuardedLearner learner = guarded(learning().build(), SOON)) {
            run(learner, 40);
            Map<String, byte[]> good = learned(learner);
            List<GuardAction> actions = new ArrayList<>();
            for (int i = 0; i < 12 && !remedies(actions).contains(GuardRemedy.ROLL_BACK); i++) {
                push(learner, BANK);
                actions.addAll(run(learner, 1));
            }
            assertThat(remedies(actions)).contains(GuardRemedy.ROLL_BACK);
            assertThat(learned(learner).get("bank/0")).isEqualTo(good.get("bank/0"));
        }
    }

    private static void push(GuardedLearner learner, int most) {
        PersistentBank bank = learner.learner().bank();
        float[] far = new float[SHAPE.size()];
        Arrays.fill(far, 3);
        for (int slot = 0; slot < Math.min(most, BANK); slot++) {
            bank.put(slot, far, 0, 1, 1);
        }
    }

    @Test
    void aBankOfOneImageIsRejuvenatedMoreUntilItIsDiverse() {
        Executor fast = Executors.resolve("auto", "float32").executor();
        try (GuardedLearner learner =
                new GuardedLearner(learner(learning().build()), SOON.withMeasurements(5), fast)) {
            run(learner, 34);
            PersistentBank bank = learner.learner().bank();
            float[] one = new float[SHAPE.size()];
            bank.read(bank.oldest(1)[0], one, 0);
            for (int slot = 0; slot < BANK; slot++) {
                bank.put(slot, one, 0, 1, 1);
            }
            List<GuardAction> actions = run(learner, 1);
            assertThat(remedies(actions)).containsExactly(GuardRemedy.REFRESH);
            assertThat(actions.get(0).sign()).isEqualTo(GuardSign.DIVERSITY);
            assertThat(learner.learner().adjustments().leastRejuvenation()).isEqualTo(0.1);
            assertThat(remedies(run(learner, 60))).contains(GuardRemedy.SETTLE);
            assertThat(learner.learner().adjustments().leastRejuvenation()).isZero();
        }
    }

    @Test
    void aRestoredOneGoesOnBitForBitThroughRollBacks() {
        Map<String, byte[]> expected;
        try (GuardedLearner whole = guarded(learning().build(), SOON)) {
            expected = throughTrouble(whole, false);
        }
        try (GuardedLearner first = guarded(learning().build(), SOON)) {
            Map<String, byte[]> found = throughTrouble(first, true);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            for (String piece : expected.keySet()) {
                assertThat(found.get(piece)).as(piece).isEqualTo(expected.get(piece));
            }
        }
    }

    /** 40 images' worth of updates, poisoned twice; restored again and again in the middle. */
    private Map<String, byte[]> throughTrouble(GuardedLearner begun, boolean restoring) {
        GuardedLearner learner = begun;
        Map<String, byte[]> written = new HashMap<>();
        for (int i = 0; i < 70; i++) {
            executor.poisoned = i >= 40 && i < 44 || i >= 54 && i < 58;
            boolean due = learner.offer(IMAGES.image(i % 64).pixels());
            if (due) {
                learner.advance(0);
            }
            if (restoring && i % 3 == 0) {
                written.putAll(learner.copyState());
                if (learner != begun) {
                    learner.close();
                }
                learner =
                        GuardedLearner.restore(
                                learner(learning().build()), SOON, executor, written);
                assertThat(learner.updating()).isEqualTo(due);
            }
            while (learner.updating() && !learner.advance(0)) {}
        }
        executor.poisoned = false;
        assertThat(learner.guard().rollBacks()).isEqualTo(2);
        Map<String, byte[]> state = learner.copyState();
        if (learner != begun) {
            learner.close();
        }
        return state;
    }

    @Test
    void stateOfALearnerWithoutRailsGetsFreshOnes() {
        Map<String, byte[]> pieces;
        try (MaximumLikelihoodLearner plain = learner(learning().build())) {
            for (int i = 0; i < 20; i++) {
                if (plain.offer(IMAGES.image(i).pixels())) {
                    while (!plain.advance(Long.MAX_VALUE)) {}
                }
            }
            pieces = plain.copyState();
        }
        try (GuardedLearner learner =
                GuardedLearner.restore(learner(learning().build()), SOON, executor, pieces)) {
            assertThat(learner.guard().rollBacks()).isZero();
            executor.poisoned = true;
            assertThat(remedies(run(learner, 2))).contains(GuardRemedy.ROLL_BACK);
            executor.poisoned = false;
            assertThat(learner.learner().updates()).isEqualTo(7);
        }
    }
}
