package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Whether what learns also learns: small, seeded, with margins. */
class LearningTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 4);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 2000);
    private static final LangevinConfig LANGEVIN = LangevinConfig.of(2e-2, 1e-4);
    private static final ReferenceExecutor EXECUTOR = new ReferenceExecutor();

    private static LearnerConfigBuilder builder() {
        return LearnerConfig.builder(NETWORK)
                .langevin(LANGEVIN)
                .steps(10)
                .bankSize(128)
                .batch(16)
                .dataNoise(4e-2)
                .warmupImages(64)
                .imagesPerUpdate(8);
    }

    private static MaximumLikelihoodLearner learner(LearnerConfig config) {
        return new MaximumLikelihoodLearner(
                config, EXECUTOR, Precision.FLOAT32, Initializer.weights(NETWORK, 1));
    }

    private static List<UpdateInfo> learn(MaximumLikelihoodLearner learner, int updates) {
        List<UpdateInfo> infos = new ArrayList<>();
        for (int i = 0; learner.updates() < updates; i++) {
            if (learner.offer(IMAGES.image(i).pixels())) {
                while (!learner.advance(25_000_000)) {
                    continue;
                }
                infos.add(learner.lastUpdate());
            }
        }
        return infos;
    }

    /**
     * Their gradient is 0: no optimizer moves them, and averages of a constant are the constant.
     */
    @ParameterizedTest
    @EnumSource(OptimizerKind.class)
    void runningStatisticsStayAsTheyAre(OptimizerKind optimizer) {
        Network network =
                new Network(
                        "normalised",
                        SHAPE,
                        List.of(
                                new Network.Node(
                                        "conv", new Layer.Conv2d(1, 3, 4, 4, 0), List.of(-1)),
                                new Network.Node("norm", Layer.BatchNorm.of(3), List.of(0)),
                                new Network.Node("act", new Layer.LeakyRelu(0.1), List.of(1)),
                                new Network.Node(
                                        "head", new Layer.Dense(48, 1, false), List.of(2))));
        float[] start = TestArrays.weights(network, 3);
        // SGD's steps carry the 1/T of the gradient, Adam's do not.
        double rate = optimizer == OptimizerKind.SGD ? 1e-8 : 1e-3;
        LearnerConfig config =
                LearnerConfig.builder(network)
                        .langevin(LANGEVIN)
                        .optimizer(optimizer)
                        .learningRate(Schedule.constant(rate))
                        .steps(3)
                        .bankSize(32)
                        .batch(16)
                        .warmupImages(32)
                        .imagesPerUpdate(8)
                        .build();
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(config, EXECUTOR, Precision.FLOAT32, start)) {
            learn(learner, 5);
            for (float[] weights : List.of(learner.parameters(), learner.averagedParameters())) {
                for (Network.Parameter parameter : network.parameters()) {
                    int from = parameter.offset();
                    int to = from + parameter.size();
                    assertThat(Arrays.equals(weights, from, to, start, from, to))
                            .as(parameter.name())
                            .isEqualTo(!parameter.kind().trainable());
                }
            }
        }
    }

    @Test
    void learnedEnergiesTellImagesFromNoiseAndPurify() {
        float[] weights;
        try (MaximumLikelihoodLearner learner =
                learner(builder().learningRate(Schedule.constant(1e-3)).build())) {
            List<UpdateInfo> infos = learn(learner, 150);
            assertThat(infos).allMatch(info -> info.applied() && info.rho() < 1);
            // from 400 for untrained weights to a course around 0
            assertThat(infos.get(0).energyDifference()).isGreaterThan(200);
            double late = 0;
            for (UpdateInfo info : infos.subList(100, 150)) {
                late += info.energyDifference() / 50;
            }
            assertThat(late).isBetween(-80.0, 80.0);
            ModelEvaluation evaluation = learner.evaluateAverage();
            weights = learner.averagedParameters();
            assertThat(evaluation.anchorEnergies()).hasSize(MaximumLikelihoodLearner.ANCHORS);
            float[] first = energies(weights, IMAGES.image(0).pixels());
            assertThat(evaluation.anchorEnergies()[0]).isEqualTo(first[0] / LANGEVIN.temperature());
            assertThat(evaluation.bankEnergies())
                    .hasSize(MaximumLikelihoodLearner.BANK_ENERGIES)
                    .isSorted();
            assertThat(bankEnergies(learner, weights)).contains(evaluation.bankEnergies());
            assertThat(learner.parameters()).isNotEqualTo(weights);
        }

        int count = 64;
        List<PurificationImage> corrupted = new ArrayList<>();
        int lower = 0;
        for (int i = 0; i < count; i++) {
            byte[] clean = IMAGES.image(1900 + i).pixels();
            byte[] noisy = noisy(clean, i);
            lower += energies(weights, clean)[0] < energies(weights, noisy)[0] ? 1 : 0;
            corrupted.add(PurificationImage.of("held-out-" + i, noisy));
        }
        assertThat(lower).as("clean images below their noisy copies").isGreaterThan(60);

        double before = 0;
        double after = 0;
        PurifierConfig config = new PurifierConfig(LANGEVIN, 50, 1);
        try (Purifier purifier = new Purifier(NETWORK, EXECUTOR, Precision.FLOAT32, config, 16)) {
            purifier.setModel(weights);
            try (PurificationBatch batch = purifier.start(corrupted)) {
                while (!purifier.advance(batch, 25_000_000)) {
                    continue;
                }
                for (int i = 0; i < count; i++) {
                    byte[] clean = IMAGES.image(1900 + i).pixels();
                    before += squaredError(corrupted.get(i).input(), clean);
                    after += squaredError(batch.result(i).pixels(), clean);
                }
            }
        }
        // found 0.75
        assertThat(after / before).isLessThan(0.85);
    }

    private static byte[] noisy(byte[] clean, int number) {
        float[] noise = new float[clean.length];
        new GaussianNoise().fill(9, number, 0, noise, 0, noise.length);
        byte[] noisy = new byte[clean.length];
        for (int k = 0; k < clean.length; k++) {
            noisy[k] = Pixels.toByte(Pixels.toFloat(clean[k]) + 0.3f * noise[k]);
        }
        return noisy;
    }

    private static double squaredError(byte[] a, byte[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            double d = Pixels.toFloat(a[k]) - Pixels.toFloat(b[k]);
            sum += d * d;
        }
        return sum;
    }

    private static double[] bankEnergies(MaximumLikelihoodLearner learner, float[] weights) {
        double[] energies = new double[learner.bank().capacity()];
        float[] chain = new float[SHAPE.size()];
        for (int slot = 0; slot < energies.length; slot++) {
            learner.bank().read(slot, chain, 0);
            energies[slot] = energies(weights, chain)[0] / LANGEVIN.temperature();
        }
        return energies;
    }

    private static float[] energies(float[] weights, byte[] image) {
        float[] pixels = new float[image.length];
        Pixels.toFloat(image, 0, pixels, 0, image.length);
        return energies(weights, pixels);
    }

    private static float[] energies(float[] weights, float[] pixels) {
        float[] energies = new float[1];
        try (CompiledNetwork plan = EXECUTOR.compile(NETWORK, 1, Precision.FLOAT32);
                INDArray parameters = Nd4j.create(weights);
                INDArray images = Nd4j.create(pixels, new long[] {1, 1, 16, 16}, 'c')) {
            plan.setParameters(parameters);
            plan.energies(images, energies);
            return energies;
        }
    }

    @ParameterizedTest
    @EnumSource(ChainStart.class)
    void everyStartLearnsWithFiniteNumbers(ChainStart start) {
        GeneratorConfig generator = GeneratorConfig.learning(TestGenerators.network(SHAPE), 1e-3);
        LearnerConfig config = builder().start(start).generator(generator).build();
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        config, EXECUTOR, Precision.FLOAT32, LearnerWeights.random(config))) {
            assertThat(learner.copyChains(9).length).isZero();
            assertThat(learn(learner, 12)).allMatch(UpdateInfo::applied);
            assertThat(List.of(learner.copyChains(9))).hasSize(9).doesNotHaveDuplicates();
            assertThat(learner.imageSteps()).isEqualTo(12L * 16 * 10);
        }
    }

    @Test
    void updateThatIsNotFiniteIsDroppedAndChangesNothing() {
        LearnerConfig wild = builder().langevin(LangevinConfig.of(1e25, 1e-4)).build();
        try (MaximumLikelihoodLearner learner = learner(wild)) {
            float[] before = learner.parameters();
            for (int i = 0; i < 80; i++) {
                if (learner.offer(IMAGES.image(i).pixels())) {
                    while (!learner.advance(25_000_000)) {
                        continue;
                    }
                    assertThat(learner.lastUpdate().applied()).isFalse();
                }
            }
            assertThat(learner.dropped()).isEqualTo(3);
            assertThat(learner.updates()).isZero();
            assertThat(learner.parameters()).isEqualTo(before);
            assertThat(learner.state().pieces()).noneMatch(piece -> piece.startsWith("bank"));
        }
    }

    @Test
    void imagesWaitWhileAnUpdateIsInProgress() {
        try (MaximumLikelihoodLearner learner = learner(builder().build())) {
            assertThatThrownBy(() -> learner.advance(1)).isInstanceOf(IllegalStateException.class);
            for (int i = 0; i < 64; i++) {
                assertThat(learner.offer(IMAGES.image(i).pixels())).isEqualTo(i == 63);
            }
            assertThatThrownBy(() -> learner.offer(IMAGES.image(64).pixels()))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(learner::evaluateAverage).isInstanceOf(IllegalStateException.class);
            assertThat(learner.imagesSeen()).isEqualTo(64);
        }
    }
}
