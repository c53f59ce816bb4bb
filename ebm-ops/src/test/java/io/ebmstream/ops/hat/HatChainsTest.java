package io.ebmstream.ops.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class HatChainsTest {
    private static final ShapesDataset IMAGES = new ShapesDataset(HatNetworks.IMAGE, 5, 64);
    private static final ReferenceExecutor EXECUTOR = new ReferenceExecutor();
    private static final int BATCH = 4;
    private static final int STEPS = 3;
    private static final int PAIRS = 12;

    private static LearnerConfigBuilder builder(HatRule rule, boolean learns) {
        return LearnerConfig.builder(HatNetworks.ENERGY)
                .chains(rule)
                .start(ChainStart.COOP)
                .generator(
                        learns
                                ? GeneratorConfig.learning(HatNetworks.GENERATOR, 1e-2)
                                : GeneratorConfig.fixed(HatNetworks.GENERATOR))
                .langevin(new LangevinConfig(5e-3, 1e-3, 0, HatDynamics.MAX_NORM))
                .steps(STEPS)
                .dataNoise(1e-3)
                .batch(BATCH)
                .bankSize(PAIRS)
                .part(3)
                .replayCapacity(40)
                .warmupImages(8)
                .imagesPerUpdate(1);
    }

    private static LearnerConfig config(HatPreset preset) {
        return builder(preset.rule(), preset.generatorLearns()).build();
    }

    private static LearnerWeights weights(LearnerConfig config) {
        return new LearnerWeights(
                TestArrays.weights(HatNetworks.ENERGY, 1),
                TestArrays.weights(HatNetworks.GENERATOR, 2),
                null);
    }

    private static MaximumLikelihoodLearner learner(LearnerConfig config) {
        return new MaximumLikelihoodLearner(config, EXECUTOR, Precision.FLOAT32, weights(config));
    }

    /** Offers images from one on; updates run in slices of the given length. */
    private static void run(MaximumLikelihoodLearner learner, int from, int to, long slice) {
        for (int i = from; i < to; i++) {
            if (learner.offer(IMAGES.image(i).pixels())) {
                while (!learner.advance(slice)) {
                    continue;
                }
                assertThat(learner.lastUpdate().applied()).isTrue();
            }
        }
    }

    private static Map<String, byte[]> state(MaximumLikelihoodLearner learner) {
        Map<String, byte[]> pieces = new TreeMap<>();
        learner.state().pieces().forEach(piece -> pieces.put(piece, learner.state().piece(piece)));
        return pieces;
    }

    private static void assertSame(Map<String, byte[]> found, Map<String, byte[]> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((piece, bytes) -> assertThat(found.get(piece)).as(piece).isEqualTo(bytes));
    }

    @ParameterizedTest
    @EnumSource(HatPreset.class)
    void learnsForTwentyUpdatesAndResumesBitForBit(HatPreset preset) {
        LearnerConfig config = config(preset);
        Map<String, byte[]> whole;
        Map<String, byte[]> middle;
        try (MaximumLikelihoodLearner learner = learner(config)) {
            float[] before = learner.parameters();
            run(learner, 0, 17, Long.MAX_VALUE / 2);
            // in the middle of an update, the state is that before it
            learner.offer(IMAGES.image(17).pixels());
            learner.advance(0);
            middle = state(learner);
            while (!learner.advance(Long.MAX_VALUE / 2)) {
                continue;
            }
            run(learner, 18, 27, Long.MAX_VALUE / 2);
            whole = state(learner);
            assertThat(learner.updates()).isEqualTo(20);
            assertThat(learner.parameters()).isNotEqualTo(before);
            assertThat(learner.lastUpdate().generatorLoss() > 0)
                    .isEqualTo(preset.generatorLearns());
            assertThat(learner.lastUpdate().gradientMagnitude()).isPositive();
            assertThat(learner.imageSteps()).isEqualTo(20L * BATCH * STEPS);
            assertThat(learner.copyChains(9).length).isEqualTo(BATCH);
        }
        try (MaximumLikelihoodLearner restored =
                MaximumLikelihoodLearner.restore(config, EXECUTOR, Precision.FLOAT32, middle)) {
            // the update goes on by itself; slices of no time are one piece of work each
            assertThat(restored.updating()).isTrue();
            while (!restored.advance(0)) {
                continue;
            }
            run(restored, 18, 27, 0);
            assertSame(state(restored), whole);
        }
        assertThat(whole.keySet()).contains("core", "generator");
        assertThat(whole.containsKey("pair-images/0")).isEqualTo(preset.generatorLearns());
        assertThat(Arrays.equals(middle.get("generator"), whole.get("generator")))
                .as("the generator stays")
                .isEqualTo(!preset.generatorLearns());
    }

    /** One update's images made again by hand: z from N(0, I), r from 0, K joint steps. */
    @Test
    void samplesAreTheGeneratorsImagesPlusTheResidual() {
        HatRule rule = HatRule.fixed(1e-2, 50);
        LearnerConfig config = builder(rule, false).build();
        byte[][] chains;
        try (MaximumLikelihoodLearner learner = learner(config)) {
            run(learner, 0, 8, Long.MAX_VALUE / 2);
            chains = learner.copyChains(BATCH);
        }
        LearnerWeights weights = weights(config);
        try (HatEnergy hat =
                        HatEnergy.compile(
                                EXECUTOR,
                                HatNetworks.ENERGY,
                                HatNetworks.GENERATOR,
                                1,
                                Precision.FLOAT32);
                HatLangevin langevin = new HatLangevin(hat, rule.dynamics(config.langevin()));
                INDArray u = TestArrays.vector(weights.energy());
                INDArray g = TestArrays.vector(weights.generator());
                INDArray x = TestArrays.blank(HatNetworks.ENERGY, 1)) {
            hat.energy().setParameters(u);
            hat.generator().setParameters(g);
            for (int i = 0; i < BATCH; i++) {
                float[] z = new float[3];
                new GaussianNoise().fill(Threefry.derive(config.seed(), -31), i, 0, z, 0, 3);
                try (INDArray latent = TestArrays.images(HatNetworks.GENERATOR, z);
                        INDArray r = TestArrays.images(HatNetworks.ENERGY, new float[256])) {
                    langevin.run(
                            latent,
                            r,
                            Threefry.derive(config.seed(), -32),
                            new long[] {i},
                            new long[1],
                            STEPS,
                            new float[1],
                            new float[1]);
                    hat.images(latent, r, x);
                    byte[] expected = new byte[256];
                    float[] pixels = FloatArrays.toHeap(x);
                    Pixels.toBytes(pixels, 0, expected, 0, 256);
                    assertThat(chains[i]).isEqualTo(expected);
                }
            }
        }
    }

    /** Chains that hardly move are the generator's images, whatever it learned since. */
    @Test
    void theBankHoldsPairsAndTheGeneratorDrawsNear() {
        LearnerConfig config =
                builder(HatRule.learning(1000), true)
                        .langevin(LangevinConfig.of(0.05, 1e9))
                        .steps(1)
                        .build();
        float[] z = new float[3];
        float[] x = new float[256];
        try (MaximumLikelihoodLearner learner = learner(config);
                PersistentBank latents =
                        new PersistentBank("pair-latents", PAIRS, HatNetworks.GENERATOR.input());
                PersistentBank images =
                        new PersistentBank("pair-images", PAIRS, HatNetworks.IMAGE)) {
            run(learner, 0, 28, Long.MAX_VALUE / 2);
            state(learner)
                    .forEach(
                            (piece, bytes) -> {
                                if (latents.knows(piece)) {
                                    latents.restore(piece, bytes);
                                } else if (images.knows(piece)) {
                                    images.restore(piece, bytes);
                                }
                            });
            assertThat(images.started()).isEqualTo(PAIRS).isEqualTo(latents.started());
            double squares = 0;
            for (int slot = 0; slot < PAIRS; slot++) {
                latents.read(slot, z, 0);
                images.read(slot, x, 0);
                try (INDArray input = TestArrays.images(HatNetworks.GENERATOR, z);
                        INDArray output = TestArrays.blank(HatNetworks.ENERGY, 1)) {
                    learner.generator().generate(input, output);
                    float[] given = FloatArrays.toHeap(output);
                    for (int k = 0; k < 256; k++) {
                        squares += Math.pow((double) given[k] - x[k], 2) / (PAIRS * 256);
                    }
                }
            }
            // the chains' one step of noise, 0.05, and what the generator moved since
            assertThat(squares).isBetween(0.5 * 0.05 * 0.05, 0.1);
            assertThat(learner.lastUpdate().generatorLoss())
                    .as("1000 times the mean square")
                    .isCloseTo(1000 * squares, within(1000 * squares));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        LearnerConfig none =
                LearnerConfig.builder(HatNetworks.ENERGY)
                        .chains(HatRule.fixed(1e-3, 0))
                        .batch(BATCH)
                        .build();
        assertThatThrownBy(
                        () ->
                                new MaximumLikelihoodLearner(
                                        none,
                                        EXECUTOR,
                                        Precision.FLOAT32,
                                        Initializer.weights(HatNetworks.ENERGY, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no generator");
        LearnerConfig gaussian =
                builder(HatRule.fixed(1e-3, 0), false)
                        .langevin(new LangevinConfig(1e-3, 1, 0.1, 0))
                        .build();
        assertThatThrownBy(() -> learner(gaussian))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tau_res");
        LearnerConfig small = builder(HatRule.learning(1), true).bankSize(BATCH - 1).build();
        assertThatThrownBy(() -> learner(small))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 3");
        assertThatThrownBy(() -> HatRule.learning(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HatPreset.named("hat-none"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hat-synth, hat-refine, hat-retrofit");
        assertThat(HatPreset.named("hat-retrofit").dynamics(1e-3).residual().tau())
                .isCloseTo(0.1, within(1e-12));
    }
}
