package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pairs, promotions, generators, schedules. */
class LifeCycleTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final ImageShape LATENT = new ImageShape(TestGenerators.LATENT, 1, 1);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final Network GENERATOR = TestGenerators.network(SHAPE);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);
    private static final ReferenceExecutor EXECUTOR = new ReferenceExecutor();
    private static final int BATCH = 4;
    private static final int BANK = 40;

    private static LearnerConfigBuilder builder(ChainStart start) {
        return LearnerConfig.builder(NETWORK)
                .start(start)
                .generator(GeneratorConfig.fixed(GENERATOR))
                .steps(2)
                .bankSize(BANK)
                .rejuvenation(0.2)
                .batch(BATCH)
                .part(3)
                .replayCapacity(40)
                .warmupImages(8)
                .imagesPerUpdate(1);
    }

    private static MaximumLikelihoodLearner learner(LearnerConfig config) {
        MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        config, EXECUTOR, Precision.FLOAT32, TestGenerators.weights(config));
        for (int i = 0; i < 8; i++) {
            learner.offer(IMAGES.image(i).pixels());
        }
        learner.advance(Long.MAX_VALUE);
        return learner;
    }

    private static void update(MaximumLikelihoodLearner learner) {
        learner.beginUpdate();
        learner.advance(Long.MAX_VALUE);
        assertThat(learner.lastUpdate().applied()).isTrue();
    }

    private static PersistentBank bank(
            MaximumLikelihoodLearner learner, String name, int capacity, ImageShape shape) {
        PersistentBank copy = new PersistentBank(name, capacity, shape);
        learner.state().pieces().stream()
                .filter(copy::knows)
                .forEach(piece -> copy.restore(piece, learner.state().piece(piece)));
        return copy;
    }

    /** Chains that hardly move stay where the generator put them, whatever slot they come to. */
    private static void assertPairs(MaximumLikelihoodLearner learner, String name, int capacity) {
        float[] z = new float[LATENT.size()];
        float[] x = new float[SHAPE.size()];
        try (PersistentBank chains = bank(learner, name, capacity, SHAPE);
                PersistentBank latents = bank(learner, name + "-latents", capacity, LATENT);
                INDArray input = ChainGroup.zeros(1, LATENT);
                INDArray output = ChainGroup.zeros(1, SHAPE)) {
            assertThat(chains.started()).isPositive();
            for (int slot = 0; slot < capacity; slot++) {
                if (chains.isStarted(slot)) {
                    chains.read(slot, x, 0);
                    latents.read(slot, z, 0);
                    FloatArrays.write(z, 0, input, 0, z.length);
                    learner.generator().generate(input, output);
                    assertThat(x).containsExactly(FloatArrays.toHeap(output), within(1e-3f));
                }
            }
        }
    }

    @Test
    void pairsStayPairs() {
        LearnerConfig config =
                builder(ChainStart.COOP_PERSISTENT)
                        .langevin(LangevinConfig.of(1e-6, 1e-4))
                        .maxChainUpdates(2)
                        .burnIn(new BurnInConfig(5, Schedule.constant(3), 3))
                        .build();
        try (MaximumLikelihoodLearner learner = learner(config)) {
            for (int i = 0; i < 20; i++) {
                update(learner);
            }
            assertPairs(learner, "bank", BANK);
            assertPairs(learner, "burn-in", 5);
        }
    }

    @Test
    void aFixedGeneratorStaysAndALearningOneFollowsItsChains() {
        float[] before;
        try (MaximumLikelihoodLearner fixed = learner(builder(ChainStart.COOP).build())) {
            before = fixed.generator().weights();
            update(fixed);
            assertThat(fixed.generator().weights()).isEqualTo(before);
            assertThat(fixed.lastUpdate().generatorLoss()).isZero();
        }
        LearnerConfig config =
                builder(ChainStart.COOP)
                        .generator(GeneratorConfig.learning(GENERATOR, 1e-3))
                        .build();
        try (MaximumLikelihoodLearner learning = learner(config)) {
            update(learning);
            assertThat(learning.lastUpdate().generatorLoss()).isPositive();
            float[] after = learning.generator().weights();
            for (Network.Parameter parameter : GENERATOR.parameters()) {
                int at = parameter.offset();
                assertThat(after[at]).as(parameter.name()).isNotEqualTo(before[at]);
            }
        }
    }

    @Test
    void aGeneratorLearnsItsTargets() {
        float[] targets = new float[8 * SHAPE.size()];
        float[] z = new float[8 * LATENT.size()];
        GaussianNoise noise = new GaussianNoise();
        noise.fill(1, 0, 0, targets, 0, targets.length);
        noise.fill(2, 0, 0, z, 0, z.length);
        for (int i = 0; i < targets.length; i++) {
            targets[i] = 0.5f + 0.1f * targets[i];
        }
        LearnerConfig config = builder(ChainStart.COOP).build();
        try (LearnedGenerator generator =
                        new LearnedGenerator(
                                GeneratorConfig.learning(GENERATOR, 1e-2),
                                EXECUTOR,
                                4,
                                8,
                                TestGenerators.weights(config).generator());
                INDArray input = ChainGroup.zeros(8, LATENT);
                INDArray output = ChainGroup.zeros(4, SHAPE);
                INDArray part = ChainGroup.zeros(4, LATENT)) {
            FloatArrays.write(z, 0, input, 0, z.length);
            FloatArrays.write(z, 0, part, 0, 4 * LATENT.size());
            generator.computeGradient(input, targets, 1.0 / 8);
            double first = generator.loss();
            for (int i = 0; i < 60; i++) {
                generator.computeGradient(input, targets, 1.0 / 8);
                assertThat(generator.finite()).isTrue();
                generator.step(ChainRound.of(config, LearnerAdjustments.NONE, i, i));
            }
            assertThat(generator.loss()).isLessThan(0.2 * first);
            // generating goes by the running statistics, which have followed by then
            generator.generate(part, output);
            double distance = 0;
            float[] found = FloatArrays.toHeap(output);
            for (int i = 0; i < found.length; i++) {
                distance += Math.pow(found[i] - targets[i], 2) / 4;
            }
            assertThat(distance).isLessThan(0.4 * first);
        }
    }

    @Test
    void chainsThatBurnedInArePromoted() {
        int m = 5;
        int burning = 8;
        LearnerConfig config =
                builder(ChainStart.DATA_PERSISTENT)
                        .rejuvenation(0)
                        .burnIn(new BurnInConfig(burning, Schedule.parse("2@0, 3@20"), m))
                        .build();
        try (MaximumLikelihoodLearner learner = learner(config)) {
            int promotions = 0;
            boolean spread = false;
            int[] ages = ages(learner.bank());
            int[] counts = new int[burning];
            for (int update = 2; update <= 60; update++) {
                long stepsBefore = learner.imageSteps();
                update(learner);
                int perChain = update <= 20 ? 2 : 3;
                assertThat(learner.imageSteps() - stepsBefore).isEqualTo(BATCH * (2 + perChain));
                int promoted = 0;
                int[] after = ages(learner.bank());
                for (int slot = 0; slot < BANK; slot++) {
                    boolean older = after[slot] == ages[slot] + 1;
                    boolean same = after[slot] == ages[slot];
                    if (!older && !same) {
                        // its chain was replaced: by one that has m updates behind it
                        assertThat(after[slot]).isEqualTo(m);
                        promoted++;
                    }
                }
                ages = after;
                try (PersistentBank burnIn = bank(learner, "burn-in", burning, SHAPE)) {
                    int gone = 0;
                    for (int slot = 0; slot < burning; slot++) {
                        int count = burnIn.isStarted(slot) ? burnIn.age(slot) : 0;
                        assertThat(count).isLessThan(m);
                        spread |= count > update;
                        gone += count < counts[slot] ? 1 : 0;
                        counts[slot] = count;
                    }
                    // a count may also fall in a slot whose chain replaced one of age m - 1 .. m
                    assertThat(gone).isGreaterThanOrEqualTo(promoted == 0 ? 0 : 1);
                }
                promotions += promoted;
            }
            assertThat(spread).as("counts of a new bank are spread out").isTrue();
            // 60 updates of 4 chains, each promoted after 5: 48, less those that cannot be told
            assertThat(promotions).isBetween(25, 60);
        }
    }

    private static int[] ages(PersistentBank bank) {
        int[] ages = new int[bank.capacity()];
        for (int slot = 0; slot < ages.length; slot++) {
            ages[slot] = bank.age(slot);
        }
        return ages;
    }

    @Test
    void schedulesFollowTheUpdates() {
        LearnerConfig config =
                builder(ChainStart.DATA_PERSISTENT)
                        .steps(Schedule.parse("2@0, 5@3"))
                        .rejuvenation(Schedule.parse("0@0, 1@5"))
                        .bankSize(BATCH)
                        .emaDecay(0)
                        .optimizer(OptimizerKind.ADAM)
                        .sgdFrom(4)
                        .learningRate(Schedule.parse("1e-3@0, 1e-30@4"))
                        .build();
        try (MaximumLikelihoodLearner learner = learner(config)) {
            for (int update = 2; update <= 8; update++) {
                float[] before = learner.parameters();
                update(learner);
                assertThat(learner.lastUpdate().steps()).isEqualTo(update <= 3 ? 2 : 5);
                assertThat(learner.lastUpdate().rejuvenated()).isEqualTo(update <= 5 ? 0 : BATCH);
                assertThat(learner.averagedParameters()).isEqualTo(learner.parameters());
                // Adam moves every weight by about the rate, SGD by the rate times the gradient
                if (update <= 4) {
                    assertThat(learner.parameters()).isNotEqualTo(before);
                } else {
                    assertThat(learner.parameters()).containsExactly(before, within(1e-20f));
                }
            }
        }
    }

    @Test
    void configurationsThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> builder(ChainStart.COOP).generator(null).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a generator for start coop, found none");
        assertThatThrownBy(
                        () ->
                                builder(ChainStart.NOISE)
                                        .burnIn(new BurnInConfig(9, Schedule.constant(1), 2))
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("persistent start");
        assertThatThrownBy(
                        () ->
                                builder(ChainStart.PERSISTENT)
                                        .burnIn(new BurnInConfig(3, Schedule.constant(1), 2))
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("burn-in bank of at least the batch");
        assertThatThrownBy(() -> builder(ChainStart.NOISE).steps(Schedule.constant(1.5)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole numbers");
        LearnerConfig config = builder(ChainStart.COOP).build();
        assertThatThrownBy(
                        () ->
                                new MaximumLikelihoodLearner(
                                        config,
                                        EXECUTOR,
                                        Precision.FLOAT32,
                                        LearnerWeights.random(config)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weights of the generator")
                .hasMessageContaining("found none");
    }
}
