package io.ebmstream.ops.defense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class VoteStopTest {
    private static final int CLASSES = 3;
    private static final int REPLICATES = 14;
    private static final int IMAGES = 60;
    private static final ImageShape SHAPE = new ImageShape(1, 1, CLASSES);

    /** A purifier that adds noise: the classifier below takes pixels for logits. */
    private record Noise(double size) implements Purification {
        @Override
        public ImageShape shape() {
            return SHAPE;
        }

        @Override
        public void purify(float[] images, int[] of, long[] chains, float[] out, int[] steps) {
            float[] noise = new float[CLASSES];
            for (int j = 0; j < chains.length; j++) {
                new GaussianNoise().fill(3, chains[j], 0, noise, 0, CLASSES);
                for (int k = 0; k < CLASSES; k++) {
                    out[j * CLASSES + k] = images[of[j] * CLASSES + k] + (float) (size * noise[k]);
                }
                steps[j] = (int) (chains[j] & 7);
            }
        }
    }

    private static final class Pixels implements Classifier {
        @Override
        public ImageShape input() {
            return SHAPE;
        }

        @Override
        public int classes() {
            return CLASSES;
        }

        @Override
        public void logits(INDArray images, float[][] logits) {
            for (int i = 0; i < images.size(0); i++) {
                for (int k = 0; k < CLASSES; k++) {
                    logits[i][k] = images.getFloat(i, 0, 0, k);
                }
            }
        }

        @Override
        public void close() {}
    }

    /** Images from hopeless to clear. */
    private static float[] images() {
        float[] images = new float[IMAGES * CLASSES];
        for (int i = 0; i < IMAGES; i++) {
            images[i * CLASSES + i % CLASSES] = 0.1f * i;
        }
        return images;
    }

    private static Eot eot(EotMean how, VoteStop stop) {
        return new Eot(new Noise(1.5), new Pixels(), how, stop);
    }

    private static EotVote[] answers(EotMean how, VoteStop stop) {
        long[] chains = IntStream.range(0, IMAGES).mapToLong(i -> 100 + i).toArray();
        return eot(how, stop).answer(images(), chains, REPLICATES);
    }

    @Test
    void withoutAMarginNoLabelChanges() {
        EotVote[] all = answers(EotMean.SOFTMAX, null);
        EotVote[] stopped = answers(EotMean.SOFTMAX, new VoteStop(4, 0));
        int[] counts = Arrays.stream(stopped).mapToInt(EotVote::replicates).toArray();
        assertThat(counts).contains(8, REPLICATES).doesNotContain(4);
        for (int i = 0; i < IMAGES; i++) {
            assertThat(stopped[i].label()).isEqualTo(all[i].label());
            if (counts[i] == REPLICATES) {
                assertThat(stopped[i]).usingRecursiveComparison().isEqualTo(all[i]);
            }
        }
    }

    @Test
    void aVoteEndsAsSoonAsTheRestCannotTurnIt() {
        // certain votes: 3 of 4 for the first class, then all for the second
        float[][] logits = {{99, 0}, {99, 0}, {0, 99}, {99, 0}, {99, 0}, {99, 0}};
        VoteStop sound = new VoteStop(1, 0);
        assertThat(sound.decides(logits, 4, 4, 6, EotMean.SOFTMAX)).as("2 of 2").isFalse();
        assertThat(sound.decides(logits, 5, 5, 8, EotMean.SOFTMAX)).as("3 of 3").isFalse();
        assertThat(sound.decides(logits, 5, 5, 7, EotMean.SOFTMAX)).as("3 of 2").isTrue();
        assertThat(sound.decides(logits, 3, 5, 7, EotMean.SOFTMAX)).as("2 were lost").isFalse();
        assertThat(sound.decides(logits, 0, 5, 7, EotMean.SOFTMAX)).isFalse();
    }

    @Test
    void aMarginSavesMore() {
        EotVote[] sound = answers(EotMean.SOFTMAX, new VoteStop(4, 0));
        EotVote[] margin = answers(EotMean.SOFTMAX, new VoteStop(4, 1));
        EotVote[] logits = answers(EotMean.LOGITS, new VoteStop(4, 0.75));
        assertThat(sum(margin)).isLessThan(sum(sound));
        assertThat(sum(logits)).isLessThan(IMAGES * REPLICATES);
        for (EotVote vote : logits) {
            assertThat(vote.replicates() == REPLICATES || vote.margin() >= 0.75).isTrue();
        }
    }

    private static int sum(EotVote[] votes) {
        return Arrays.stream(votes).mapToInt(EotVote::replicates).sum();
    }

    @Test
    void theFirstClassOfTheVotesMustBeThatOfTheMean() {
        float[][] logits = {{1, 0}, {1, 0}, {1, 0}, {0, 9}};
        assertThat(new VoteStop(4, 0.5).decides(logits, 4, 4, 8, EotMean.LOGITS)).isFalse();
        assertThat(new VoteStop(4, 0.5).decides(logits, 4, 4, 8, EotMean.SOFTMAX)).isTrue();
    }

    @Test
    void anImageStopsByItselfAlone() {
        VoteStop stop = new VoteStop(3, 0.8);
        EotVote[] together = answers(EotMean.LOGITS, stop);
        for (int i = 0; i < IMAGES; i += 7) {
            float[] image = Arrays.copyOfRange(images(), i * CLASSES, (i + 1) * CLASSES);
            EotVote alone =
                    eot(EotMean.LOGITS, stop).answer(image, new long[] {100 + i}, REPLICATES)[0];
            assertThat(alone).usingRecursiveComparison().isEqualTo(together[i]);
            EotVote fewer =
                    eot(EotMean.LOGITS, null)
                            .classify(image, new long[] {100 + i}, alone.replicates())[0];
            assertThat(alone).usingRecursiveComparison().isEqualTo(fewer);
        }
    }

    @Test
    void refusesWhatCouldNeverEnd() {
        assertThatThrownBy(() -> eot(EotMean.LOGITS, new VoteStop(4, 0)))
                .hasMessageContaining("margin of votes above 0");
        assertThatThrownBy(() -> new VoteStop(0, 0.5)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new VoteStop(4, 1.5)).hasMessageContaining("0 to 1");
    }
}
