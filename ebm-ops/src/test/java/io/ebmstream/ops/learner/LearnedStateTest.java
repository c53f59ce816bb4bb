package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LearnedStateTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);

    @Test
    void eachNumberIsTheMeanSummedInDoublePrecision() {
        LearnedState mean =
                LearnedState.mean(
                        List.of(
                                state(new float[] {1, 1e8f}, 3),
                                state(new float[] {2, 1}, 5),
                                state(new float[] {6, -1e8f}, 4)));
        // in float32 1e8 + 1 - 1e8 would be 0
        assertThat(mean.weights()).containsExactly(3, (float) (1.0 / 3));
        assertThat(mean.average()).containsExactly(3, (float) (1.0 / 3));
        assertThat(mean.moments()).containsExactly(3, (float) (1.0 / 3), 0, 0);
        assertThat(mean.updates()).isEqualTo(5);
    }

    @Test
    void oneAloneIsItsOwnMean() {
        LearnedState one = state(new float[] {0.1f, -7e-42f}, 2);
        assertThat(LearnedState.mean(List.of(one))).usingRecursiveComparison().isEqualTo(one);
    }

    @Test
    void sizesMustFit() {
        assertThatThrownBy(() -> LearnedState.mean(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () ->
                                LearnedState.mean(
                                        List.of(state(new float[2], 0), state(new float[3], 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 2 values in every part, found 3");
        assertThatThrownBy(() -> new LearnedState(new float[2], new float[1], new float[0], 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LearnedState(new float[2], new float[2], new float[3], 0))
                .isInstanceOf(IllegalArgumentException.class);
        try (MaximumLikelihoodLearner learner = learner(1)) {
            assertThatThrownBy(() -> learner.adopt(state(new float[2], 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found 2 and 4");
        }
    }

    private static LearnedState state(float[] values, long updates) {
        float[] moments = new float[2 * values.length];
        System.arraycopy(values, 0, moments, 0, values.length);
        return new LearnedState(values, values.clone(), moments, updates);
    }

    @Test
    void whoAdoptsItsOwnStateGoesOnAsIfNothingHadHappened() {
        try (MaximumLikelihoodLearner plain = learner(1);
                MaximumLikelihoodLearner adopting = learner(1)) {
            learn(plain, 0, 20);
            learn(adopting, 0, 20);
            LearnedState learned = adopting.learned();
            assertThat(learned.updates()).isEqualTo(4);
            adopting.adopt(learned);
            learn(plain, 20, 30);
            learn(adopting, 20, 30);
            assertThat(pieces(adopting)).isEqualTo(pieces(plain));
        }
    }

    @Test
    void adoptsWhatOthersLearnedAndKeepsItsOwnImagesAndChains() {
        try (MaximumLikelihoodLearner one = learner(1);
                MaximumLikelihoodLearner other = learner(2)) {
            learn(one, 0, 20);
            learn(other, 50, 62);
            LearnedState mean = LearnedState.mean(List.of(one.learned(), other.learned()));
            Map<String, byte[]> before = other.copyState();
            other.adopt(mean);
            assertThat(other.learned()).usingRecursiveComparison().isEqualTo(mean);
            assertThat(other.updates()).isEqualTo(4);
            assertThat(other.imagesSeen()).isEqualTo(12);
            assertThat(other.copyState().get("bank/0")).isEqualTo(before.get("bank/0"));
            learn(other, 62, 70);
            assertThat(other.updates()).isEqualTo(6);
        }
    }

    @Test
    void collectedImagesBeginNoUpdateButCountForTheNext() {
        try (MaximumLikelihoodLearner learner = learner(1)) {
            learn(learner, 0, 8);
            for (int i = 8; i < 20; i++) {
                learner.collect(image(i));
            }
            assertThat(learner.updating()).isFalse();
            assertThat(learner.imagesSeen()).isEqualTo(20);
            learner.adopt(learner.learned());
            assertThat(learner.updating()).isFalse();
            assertThat(learner.offer(image(20))).isTrue();
        }
    }

    @Test
    void anUpdateInProgressIsGivenUp() {
        try (MaximumLikelihoodLearner learner = learner(1)) {
            learn(learner, 0, 7);
            LearnedState learned = learner.learned();
            assertThat(learner.offer(image(7))).isTrue();
            learner.advance(1);
            learner.adopt(learned);
            assertThat(learner.updating()).isFalse();
            assertThat(learner.updates()).isZero();
        }
    }

    private static Map<String, String> pieces(MaximumLikelihoodLearner learner) {
        Map<String, String> all = new java.util.TreeMap<>();
        learner.copyState()
                .forEach((name, bytes) -> all.put(name, java.util.Arrays.toString(bytes)));
        return all;
    }

    private static MaximumLikelihoodLearner learner(long seed) {
        LearnerConfig config =
                LearnerConfig.builder(Light32.of(SHAPE, 2))
                        .steps(2)
                        .batch(4)
                        .part(2)
                        .bankSize(8)
                        .replayCapacity(16)
                        .warmupImages(8)
                        .imagesPerUpdate(4)
                        .build()
                        .withSeed(seed);
        return new MaximumLikelihoodLearner(
                config, new ReferenceExecutor(), Precision.FLOAT32, LearnerWeights.random(config));
    }

    private static void learn(MaximumLikelihoodLearner learner, int from, int to) {
        for (int i = from; i < to; i++) {
            if (learner.offer(image(i))) {
                while (!learner.advance(1_000_000)) {}
            }
        }
    }

    private static byte[] image(int i) {
        byte[] pixels = new byte[SHAPE.size()];
        for (int j = 0; j < pixels.length; j++) {
            pixels[j] = (byte) (i * 37 + j * (i % 11 + 1));
        }
        return pixels;
    }
}
