package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.PurifiedImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Learner and purifier on the executor that runs in production, in each precision. */
class PlannedLearningTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    private static final Network NETWORK = Light32.of(SHAPE, 8);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 100);
    private static final OneDnnExecutor EXECUTOR = new OneDnnExecutor();
    private static final LangevinConfig LANGEVIN = LangevinConfig.of(2e-2, 1e-4);
    private static final LearnerConfig CONFIG =
            LearnerConfig.builder(NETWORK)
                    .langevin(LANGEVIN)
                    .steps(3)
                    .bankSize(64)
                    .batch(12)
                    .part(8)
                    .warmupImages(16)
                    .imagesPerUpdate(4)
                    .build();

    private static void assumeRuns(Precision precision) {
        assumeTrue(
                EXECUTOR.precisions().contains(precision),
                "skipped: this processor has no " + precision.label() + " arithmetic");
    }

    private static void feed(MaximumLikelihoodLearner learner, int from, int to, long slice) {
        for (int i = from; i < to; i++) {
            if (learner.offer(IMAGES.image(i).pixels())) {
                while (!learner.advance(slice)) {
                    continue;
                }
            }
        }
    }

    private static double energy(float[] weights, byte[] image) {
        float[] pixels = new float[image.length];
        Pixels.toFloat(image, 0, pixels, 0, image.length);
        float[] energies = new float[1];
        try (CompiledNetwork plan = EXECUTOR.compile(NETWORK, 1, Precision.FLOAT32);
                INDArray parameters = Nd4j.create(weights);
                INDArray images = Nd4j.create(pixels, new long[] {1, 3, 32, 32}, 'c')) {
            plan.setParameters(parameters);
            plan.energies(images, energies);
            return energies[0] / LANGEVIN.temperature();
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void restoredLearnerGoesOnBitForBit(Precision precision) {
        assumeRuns(precision);
        float[] weights = Initializer.weights(NETWORK, 1);
        try (MaximumLikelihoodLearner whole =
                new MaximumLikelihoodLearner(CONFIG, EXECUTOR, precision, weights)) {
            feed(whole, 0, 24, 1_000_000);
            Map<String, byte[]> state = whole.copyState();
            feed(whole, 24, 40, 1_000_000);
            try (MaximumLikelihoodLearner second =
                    MaximumLikelihoodLearner.restore(CONFIG, EXECUTOR, precision, state)) {
                feed(second, 24, 40, 30_000_000);
                assertThat(second.updates()).isEqualTo(7);
                assertThat(second.copyState())
                        .usingRecursiveComparison()
                        .isEqualTo(whole.copyState());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void energiesAreFloat32WhateverThePrecision(Precision precision) {
        assumeRuns(precision);
        float[] weights = Initializer.weights(NETWORK, 1);
        float[] averaged;
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(CONFIG, EXECUTOR, precision, weights)) {
            feed(learner, 0, 24, 30_000_000);
            averaged = learner.averagedParameters();
            double[] anchors = learner.evaluateAverage().anchorEnergies();
            assertThat(anchors).hasSize(24);
            assertThat(anchors[20]).isEqualTo(energy(averaged, IMAGES.image(20).pixels()));
        }
        PurifierConfig config = new PurifierConfig(LANGEVIN, 4, 1);
        try (Purifier purifier = new Purifier(NETWORK, EXECUTOR, precision, config, 8)) {
            purifier.setModel(averaged);
            byte[] image = IMAGES.image(50).pixels();
            try (PurificationBatch batch =
                    purifier.start(List.of(PurificationImage.of("fifty", image)))) {
                while (!purifier.advance(batch, 1_000_000)) {
                    continue;
                }
                PurifiedImage result = batch.result(0);
                assertThat(result.energyBefore()).isEqualTo(energy(averaged, image));
                assertThat(result.energyAfter()).isLessThan(result.energyBefore() + 100);
            }
        }
    }
}
