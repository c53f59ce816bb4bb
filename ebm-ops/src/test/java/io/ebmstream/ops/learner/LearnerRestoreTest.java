package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.state.StateChanges;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearnerRestoreTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);
    private static final long SLICE = 100_000;

    private static LearnerConfig config(ChainStart start, OptimizerKind optimizer) {
        return LearnerConfig.builder(NETWORK)
                .langevin(LangevinConfig.of(1e-2, 1e-4))
                .start(start)
                .generator(generator(start))
                .optimizer(optimizer)
                .learningRate(Schedule.parse("1e-4@0, 5e-5@3"))
                .steps(3)
                .bankSize(70)
                .rejuvenation(0.2)
                .maxChainUpdates(2)
                .batch(6)
                .part(4)
                .replayCapacity(40)
                .warmupImages(8)
                .imagesPerUpdate(5)
                .build();
    }

    private static MaximumLikelihoodLearner fresh(LearnerConfig config) {
        return new MaximumLikelihoodLearner(
                config, new ReferenceExecutor(), Precision.FLOAT32, TestGenerators.weights(config));
    }

    private static GeneratorConfig generator(ChainStart start) {
        return start.fromGenerator()
                ? GeneratorConfig.learning(TestGenerators.network(SHAPE), 1e-3)
                : null;
    }

    /** What a job keeps: the last version of every piece ever written. */
    private static final class Saved {
        final Map<String, byte[]> pieces = new TreeMap<>();
        final StateChanges changes = new StateChanges();

        void save(MaximumLikelihoodLearner learner) {
            for (String piece : changes.in(learner.state())) {
                pieces.put(piece, learner.state().piece(piece));
            }
            changes.written(learner.state());
        }

        MaximumLikelihoodLearner restore(LearnerConfig config) {
            return MaximumLikelihoodLearner.restore(
                    config, new ReferenceExecutor(), Precision.FLOAT32, pieces);
        }
    }

    /** Short enough for a message. */
    private static Map<String, Integer> digest(Map<String, byte[]> state) {
        Map<String, Integer> digest = new TreeMap<>();
        state.forEach((piece, bytes) -> digest.put(piece, Arrays.hashCode(bytes)));
        return digest;
    }

    private static void feed(MaximumLikelihoodLearner learner, int from, int to) {
        for (int i = from; i < to; i++) {
            if (learner.offer(IMAGES.image(i).pixels())) {
                finish(learner);
            }
        }
    }

    private static void finish(MaximumLikelihoodLearner learner) {
        while (!learner.advance(SLICE)) {
            continue;
        }
    }

    @ParameterizedTest
    @EnumSource(ChainStart.class)
    void restoredLearnerGoesOnBitForBit(ChainStart start) {
        LearnerConfig config = config(start, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner whole = fresh(config)) {
            feed(whole, 0, 60);
            assertThat(whole.updates()).isEqualTo(11);
            Saved saved = new Saved();
            double[] energies;
            try (MaximumLikelihoodLearner first = fresh(config)) {
                feed(first, 0, 10);
                saved.save(first);
                feed(first, 10, 31);
                saved.save(first);
                energies = first.evaluateAverage().bankEnergies();
                feed(first, 31, 40);
            }
            try (MaximumLikelihoodLearner second = saved.restore(config)) {
                assertThat(energies.length > 0).isEqualTo(start.persistent());
                assertThat(second.evaluateAverage().bankEnergies()).isEqualTo(energies);
                feed(second, 31, 60);
                assertThat(digest(second.copyState())).isEqualTo(digest(whole.copyState()));
                assertThat(second.lastUpdate())
                        .usingRecursiveComparison()
                        .ignoringFields("millis")
                        .isEqualTo(whole.lastUpdate());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ChainStart.class)
    void stateInTheMiddleOfAnUpdateRepeatsIt(ChainStart start) {
        LearnerConfig config = config(start, OptimizerKind.SGD);
        try (MaximumLikelihoodLearner whole = fresh(config)) {
            feed(whole, 0, 32);
            assertThat(whole.offer(IMAGES.image(32).pixels())).isTrue();
            Map<String, byte[]> before = whole.copyState();
            whole.advance(1);
            whole.advance(1);
            Saved saved = new Saved();
            saved.save(whole);
            assertThat(whole.updating()).isTrue();
            assertThat(digest(saved.pieces)).isEqualTo(digest(before));
            finish(whole);
            feed(whole, 33, 60);
            try (MaximumLikelihoodLearner second = saved.restore(config)) {
                assertThat(second.updating()).isTrue();
                finish(second);
                feed(second, 33, 60);
                assertThat(digest(second.copyState())).isEqualTo(digest(whole.copyState()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DATA_PERSISTENT", "COOP_PERSISTENT"})
    void longRunsGoOnBitForBitUnderAPrior(ChainStart start) {
        LearnerConfig plain = config(start, OptimizerKind.ADAM);
        LearnerConfig config =
                LearnerConfig.builder(NETWORK)
                        .start(start)
                        .generator(generator(start))
                        .prior(new PriorConfig(NETWORK, 3e-4))
                        .burnIn(new BurnInConfig(8, Schedule.constant(2), 3))
                        .sgdFrom(4)
                        .learningRate(Schedule.parse("1e-4@0, 1e-9@4"))
                        .steps(3)
                        .bankSize(20)
                        .batch(plain.batch())
                        .part(plain.part())
                        .replayCapacity(plain.replayCapacity())
                        .warmupImages(plain.warmupImages())
                        .imagesPerUpdate(plain.imagesPerUpdate())
                        .build();
        try (MaximumLikelihoodLearner whole = fresh(config)) {
            feed(whole, 0, 30);
            Saved saved = new Saved();
            assertThat(whole.offer(IMAGES.image(30).pixels())).isFalse();
            saved.save(whole);
            feed(whole, 31, 60);
            assertThat(whole.lastUpdate().applied()).isTrue();
            try (MaximumLikelihoodLearner second = saved.restore(config)) {
                feed(second, 31, 60);
                assertThat(digest(second.copyState())).isEqualTo(digest(whole.copyState()));
            }
        }
    }

    @Test
    void updatesBeginWithoutNewImagesOnceThereAreEnough() {
        LearnerConfig config = config(ChainStart.DATA_PERSISTENT, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner learner = fresh(config)) {
            assertThatThrownBy(learner::beginUpdate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected 8 images before the first update, found 0");
            feed(learner, 0, 8);
            assertThat(learner.updates()).isEqualTo(1);
            learner.beginUpdate();
            assertThatThrownBy(learner::beginUpdate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in progress");
            finish(learner);
            assertThat(learner.updates()).isEqualTo(2);
            assertThat(learner.imagesSeen()).isEqualTo(8);
        }
    }

    @Test
    void slicesDoNotShow() {
        LearnerConfig config = config(ChainStart.DATA_PERSISTENT, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner fine = fresh(config);
                MaximumLikelihoodLearner coarse = fresh(config)) {
            for (int i = 0; i < 40; i++) {
                if (fine.offer(IMAGES.image(i).pixels())) {
                    while (!fine.advance(0)) {
                        continue;
                    }
                }
                if (coarse.offer(IMAGES.image(i).pixels())) {
                    assertThat(coarse.advance(Long.MAX_VALUE / 2)).isTrue();
                }
            }
            assertThat(digest(fine.copyState())).isEqualTo(digest(coarse.copyState()));
        }
    }

    @Test
    void onlyChangedPiecesNeedWriting() {
        LearnerConfig config = config(ChainStart.DATA_PERSISTENT, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner learner = fresh(config)) {
            StateChanges changes = new StateChanges();
            feed(learner, 0, 9);
            assertThat(changes.in(learner.state())).contains("core", "replay/0", "bank/0");
            assertThat(changes.in(learner.state()))
                    .containsExactlyInAnyOrderElementsOf(learner.state().pieces());
            changes.written(learner.state());
            assertThat(changes.in(learner.state())).isEmpty();
            feed(learner, 9, 10);
            assertThat(changes.in(learner.state())).containsExactly("core", "replay/0");
            changes.written(learner.state());
            learner.adjust(LearnerAdjustments.NONE);
            assertThat(changes.in(learner.state())).isEmpty();
            learner.adjust(LearnerAdjustments.NONE.withRateFactor(0.5));
            assertThat(changes.in(learner.state())).containsExactly("adjustments");
        }
    }

    @ParameterizedTest
    @EnumSource(ChainStart.class)
    void stateIsTakenBackInPlace(ChainStart start) {
        LearnerConfig config = config(start, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner learner = fresh(config)) {
            feed(learner, 0, 14);
            Map<String, byte[]> copy = learner.copyState();
            feed(learner, 14, 40);
            Map<String, byte[]> whole = learner.copyState();
            assertThat(learner.offer(IMAGES.image(40).pixels())).isFalse();
            learner.adjust(LearnerAdjustments.NONE.withSalt(3));
            feed(learner, 41, 44);
            learner.restoreState(copy);
            assertThat(learner.copyState().get("core")).isEqualTo(copy.get("core"));
            assertThat(learner.adjustments()).isEqualTo(LearnerAdjustments.NONE);
            feed(learner, 14, 40);
            Map<String, byte[]> again = learner.copyState();
            again.remove("adjustments");
            assertThat(digest(again)).isEqualTo(digest(whole));
        }
    }

    @Test
    void aRollBackKeepsTheImages() {
        LearnerConfig config = config(ChainStart.DATA_PERSISTENT, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner learner = fresh(config)) {
            feed(learner, 0, 20);
            Map<String, byte[]> copy = learner.copyState();
            float[] weights = learner.parameters();
            byte[][] chains = learner.copyChains(20);
            long updates = learner.updates();
            feed(learner, 20, 50);
            byte[] images = learner.state().piece("replay/0");
            copy.keySet().removeIf(piece -> piece.startsWith("replay/"));
            learner.rollBack(copy);
            assertThat(learner.updates()).isEqualTo(updates);
            assertThat(learner.imagesSeen()).isEqualTo(50);
            assertThat(learner.parameters()).isEqualTo(weights);
            assertThat(learner.copyChains(20)).isEqualTo(chains);
            assertThat(learner.state().piece("replay/0")).isEqualTo(images);
            assertThat(learner.lastUpdate()).isNull();
            feed(learner, 50, 60);
            assertThat(learner.updates()).isEqualTo(updates + 2);
            assertThat(learner.lastUpdate().applied()).isTrue();
        }
    }

    @Test
    void adjustmentsLastAndChangeTheCourse() {
        LearnerConfig config = config(ChainStart.DATA_PERSISTENT, OptimizerKind.ADAM);
        LearnerAdjustments adjustments = new LearnerAdjustments(0.5, 1.4, 0.1, 1, 7);
        Saved saved = new Saved();
        try (MaximumLikelihoodLearner learner = fresh(config)) {
            feed(learner, 0, 8);
            learner.adjust(adjustments);
            long before = learner.imageSteps();
            feed(learner, 8, 13);
            // K of 3 times 1.4, rounded
            assertThat(learner.imageSteps() - before).isEqualTo(4 * 6);
            assertThat(learner.lastUpdate().learningRate()).isEqualTo(0.5e-4);
            saved.save(learner);
            feed(learner, 13, 40);
            try (MaximumLikelihoodLearner second = saved.restore(config);
                    MaximumLikelihoodLearner plain = fresh(config)) {
                assertThat(second.adjustments()).isEqualTo(adjustments);
                feed(second, 13, 40);
                assertThat(digest(second.copyState())).isEqualTo(digest(learner.copyState()));
                feed(plain, 0, 40);
                assertThat(plain.parameters()).isNotEqualTo(learner.parameters());
            }
        }
    }

    @Test
    void chosenChainsRestart() {
        LearnerConfig config = config(ChainStart.DATA_PERSISTENT, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner learner = fresh(config)) {
            feed(learner, 0, 40);
            int started = learner.bank().started();
            assertThat(learner.rejuvenate(pixels -> false)).isZero();
            assertThat(learner.rejuvenate(pixels -> pixels.length == 256)).isEqualTo(started);
            assertThat(learner.bank().started()).isZero();
            feed(learner, 40, 45);
            assertThat(learner.bank().started()).isEqualTo(6);
            assertThat(learner.lastUpdate().applied()).isTrue();
        }
    }

    @Test
    void piecesOfAnotherConfigurationAreRefused() {
        Saved saved = new Saved();
        try (MaximumLikelihoodLearner learner =
                fresh(config(ChainStart.PERSISTENT, OptimizerKind.SGD))) {
            feed(learner, 0, 14);
            saved.save(learner);
        }
        assertThatThrownBy(() -> saved.restore(config(ChainStart.NOISE, OptimizerKind.SGD)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bank/")
                .hasMessageContaining("another configuration");
        assertThatThrownBy(() -> saved.restore(config(ChainStart.PERSISTENT, OptimizerKind.ADAM)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another configuration");
        saved.pieces.remove("replay/0");
        assertThatThrownBy(() -> saved.restore(config(ChainStart.PERSISTENT, OptimizerKind.SGD)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("restore every chunk");
        saved.pieces.remove("core");
        assertThatThrownBy(() -> saved.restore(config(ChainStart.PERSISTENT, OptimizerKind.SGD)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected the piece core");
    }
}
