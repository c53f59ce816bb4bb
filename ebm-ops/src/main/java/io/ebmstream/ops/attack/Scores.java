package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotVote;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What an attacker who sees no gradients is told: scores of the classes. One caller at a time. */
@FunctionalInterface
public interface Scores {
    /**
     * Scores of images, as large as the class is likely; logits, or their means.
     *
     * @param images planar [n, c, h, w], pixels in [-1, 1]
     * @param ids ids of the images, n
     * @param query number of the query: a defense has noise of its own at each
     * @return a row of scores for each image
     */
    float[][] of(float[] images, long[] ids, int query);

    /**
     * Those of a defense with R purifications on some occasion; a verification is an answer, whose
     * vote may end early.
     */
    static Scores of(Eot eot, Occasion occasion, int replicates) {
        return (images, ids, query) -> {
            long[] chains = occasion.ids(ids, query);
            EotVote[] votes =
                    occasion == Occasion.VERIFICATION
                            ? eot.answer(images, chains, replicates)
                            : eot.classify(images, chains, replicates);
            float[][] scores = new float[votes.length][];
            for (int i = 0; i < votes.length; i++) {
                scores[i] = votes[i].mean();
            }
            return scores;
        };
    }

    /** Those of a classifier of the defense's images, without the defense. */
    static Scores of(Eot eot, Classifier classifier) {
        return (images, ids, query) -> {
            float[][] scores = new float[ids.length][classifier.classes()];
            try (INDArray array = eot.array(images)) {
                classifier.logits(array, scores);
            }
            return scores;
        };
    }
}
