package io.ebmstream.ops.defense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EotTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network ENERGY = Light32.of(SHAPE, 2);
    private static final Network NETWORK = WideResNet.of(SHAPE, 10, 1, 3, 4);
    private static final float[] WEIGHTS = Initializer.weights(ENERGY, 1);
    private static final Executor EXECUTOR =
            Executors.resolve(Executors.AUTO, "float32").executor();
    private static final PurifierConfig CONFIG =
            new PurifierConfig(LangevinConfig.of(1e-2, 1e-4), 5, 3);

    private static ParallelPurifier purifier(WorkerPool pool, int part) {
        return new ParallelPurifier(
                ENERGY, EXECUTOR, Precision.FLOAT32, CONFIG, part, pool, WEIGHTS);
    }

    @Test
    void chainsEndWhereThePurifiersEnd() {
        ShapesDataset images = new ShapesDataset(SHAPE, 5, 3);
        float[] pixels = new float[3 * SHAPE.size()];
        long[] chains = new long[3];
        for (int i = 0; i < 3; i++) {
            images.image(i).toFloat(pixels, i * SHAPE.size());
            chains[i] = PurificationImage.chain("image-" + i);
        }
        float[] out = new float[pixels.length];
        try (WorkerPool pool = new WorkerPool(2, "test");
                ParallelPurifier parallel = purifier(pool, 2)) {
            parallel.purify(pixels, new int[] {0, 1, 2}, chains, out, null);
            assertThat(parallel.imageSteps()).isEqualTo(3 * 5);
        }
        try (Purifier purifier = new Purifier(ENERGY, EXECUTOR, Precision.FLOAT32, CONFIG, 4)) {
            purifier.setModel(WEIGHTS);
            for (int i = 0; i < 3; i++) {
                PurificationImage image =
                        PurificationImage.of("image-" + i, images.image(i).pixels());
                try (PurificationBatch batch = purifier.start(List.of(image))) {
                    while (!purifier.advance(batch, Long.MAX_VALUE)) {
                        continue;
                    }
                    assertThat(Image.fromFloat(SHAPE, out, i * SHAPE.size()).pixels())
                            .isEqualTo(batch.result(0).pixels());
                }
            }
        }
    }

    @Test
    void votesDoNotDependOnWorkersOrParts() {
        float[] images = new float[5 * SHAPE.size()];
        new GaussianNoise().fill(1, 2, 0, images, 0, images.length);
        long[] ids = {11, 12, 13, 14, 15};
        EotVote[] one = classify(images, ids, 1, 4);
        EotVote[] two = classify(images, ids, 2, 3);
        float[] last = new float[SHAPE.size()];
        System.arraycopy(images, 4 * SHAPE.size(), last, 0, last.length);
        EotVote alone = classify(last, new long[] {15}, 2, 16)[0];
        assertThat(two).usingRecursiveComparison().isEqualTo(one);
        assertThat(alone).usingRecursiveComparison().isEqualTo(one[4]);
        assertThat(one[0].mean()).isNotEqualTo(one[1].mean());
    }

    private static EotVote[] classify(float[] images, long[] ids, int workers, int part) {
        try (WorkerPool pool = new WorkerPool(workers, "test");
                ParallelPurifier purifier = purifier(pool, part);
                NetworkClassifier classifier =
                        new NetworkClassifier(
                                NETWORK,
                                EXECUTOR,
                                Precision.FLOAT32,
                                part,
                                Initializer.weights(NETWORK, 2))) {
            return new Eot(purifier, classifier, EotMean.LOGITS).classify(images, ids, 3);
        }
    }

    @Test
    void countsVotes() {
        float[][] logits = {{3, 0, 0}, {0, 1, 0}, {2, 0, 0}, {0, 0, 9}};
        EotVote vote = EotVote.of(logits, EotMean.LOGITS);
        assertThat(vote.label()).as("one loud voice").isEqualTo(2);
        assertThat(vote.votes()).containsExactly(2, 1, 1);
        assertThat(vote.margin()).isEqualTo(0.25);
        assertThat(EotVote.of(logits, EotMean.SOFTMAX).label()).isZero();
        assertThat(EotVote.of(logits, EotMean.LOG_SOFTMAX).label()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void lossGradientIsThatOfTheLoss(EotMean how) {
        float[][] logits = {{1, -2, 0.5f}, {0, 0.25f, -1}, {0.3f, 2, 2}};
        float[][] gradient = new float[3][3];
        how.lossGradient(logits, 0, 3, 1, gradient);
        float h = 1e-3f;
        for (int r = 0; r < 3; r++) {
            for (int k = 0; k < 3; k++) {
                double difference = loss(how, logits, r, k, h) - loss(how, logits, r, k, -h);
                // float32 means leave 1e-7 of the loss, h^2 of the curvature is less
                assertThat((double) gradient[r][k]).isCloseTo(difference / (2 * h), within(3e-4));
            }
        }
    }

    private static double loss(EotMean how, float[][] logits, int r, int k, float h) {
        float[][] moved = {logits[0].clone(), logits[1].clone(), logits[2].clone()};
        moved[r][k] += h;
        return how.lossGradient(moved, 0, 3, 1, new float[3][3]);
    }
}
