package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.List;
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
                config,
                new ReferenceExecutor(),
                Precision.FLOAT32,
                Initializer.weights(NETWORK, 1));
    }

    /** What a job keeps: the last core and the last version of every chunk ever written. */
    private static final class Saved {
        byte[] core;
        final Map<Integer, byte[]> bank = new TreeMap<>();
        final Map<Integer, byte[]> replay = new TreeMap<>();

        void save(MaximumLikelihoodLearner learner) {
            core = learner.coreState();
            for (int chunk : learner.dirtyBankChunks()) {
                bank.put(chunk, learner.bankChunk(chunk));
            }
            for (int chunk : learner.dirtyReplayChunks()) {
                replay.put(chunk, learner.replayChunk(chunk));
            }
            learner.clearDirty();
        }

        MaximumLikelihoodLearner restore(LearnerConfig config) {
            return MaximumLikelihoodLearner.restore(
                    config,
                    new ReferenceExecutor(),
                    Precision.FLOAT32,
                    core,
                    bank.values(),
                    replay.values());
        }
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

    /** All that a learner is, byte by byte. */
    private static List<byte[]> everything(MaximumLikelihoodLearner learner, LearnerConfig config) {
        List<byte[]> all = new ArrayList<>();
        all.add(learner.coreState());
        if (config.start().persistent()) {
            for (int i = 0; i < 3; i++) {
                all.add(learner.bankChunk(i));
            }
        }
        all.add(learner.replayChunk(0));
        all.add(learner.replayChunk(1));
        return all;
    }

    @ParameterizedTest
    @EnumSource(ChainStart.class)
    void restoredLearnerGoesOnBitForBit(ChainStart start) {
        LearnerConfig config = config(start, OptimizerKind.ADAM);
        try (MaximumLikelihoodLearner whole = fresh(config)) {
            feed(whole, 0, 60);
            assertThat(whole.updates()).isEqualTo(11);
            Saved saved = new Saved();
            try (MaximumLikelihoodLearner first = fresh(config)) {
                feed(first, 0, 10);
                saved.save(first);
                feed(first, 10, 31);
                saved.save(first);
                feed(first, 31, 40);
            }
            try (MaximumLikelihoodLearner second = saved.restore(config)) {
                feed(second, 31, 60);
                assertThat(everything(second, config))
                        .usingRecursiveComparison()
                        .isEqualTo(everything(whole, config));
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
            byte[] before = whole.coreState();
            whole.advance(1);
            whole.advance(1);
            Saved saved = new Saved();
            saved.save(whole);
            assertThat(whole.updating()).isTrue();
            assertThat(saved.core).isEqualTo(before);
            finish(whole);
            feed(whole, 33, 60);
            try (MaximumLikelihoodLearner second = saved.restore(config)) {
                assertThat(second.updating()).isTrue();
                finish(second);
                feed(second, 33, 60);
                assertThat(everything(second, config))
                        .usingRecursiveComparison()
                        .isEqualTo(everything(whole, config));
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
            assertThat(everything(fine, config))
                    .usingRecursiveComparison()
                    .isEqualTo(everything(coarse, config));
        }
    }
}
