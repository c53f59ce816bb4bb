package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.DifferentiableClassifier;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotVote;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradient that takes the purifier's Jacobian as the identity (backward pass differentiable
 * approximation, Athalye, Carlini, Wagner 2018, arXiv 1802.00420), in expectation over its noise
 * (Hill, Mitchell, Zhu 2021, section 3):
 *
 * <pre>
 * x_r = purify_r(x),   m = mean of the logits at x_r
 * g   = sum_r d loss(m, y) / d x_r
 * </pre>
 *
 * that is the mean over replicates of the gradients at the purified images of R_a times the loss.
 */
public final class BpdaGradient implements DefenseGradient {
    /** Chains in memory at a time. */
    private static final int AT_ONCE = 512;

    private final Eot eot;
    private final DifferentiableClassifier classifier;

    /**
     * @param classifier that of the vote, or another one whose gradients stand in for it
     */
    public BpdaGradient(Eot eot, DifferentiableClassifier classifier) {
        this.eot = eot;
        this.classifier = classifier;
    }

    @Override
    public EotVote[] of(
            float[] images, int[] labels, long[] occasions, int replicates, float[] gradient) {
        int n = occasions.length;
        int size = classifier.input().size();
        EotVote[] votes = new EotVote[n];
        int atOnce = Math.max(1, AT_ONCE / replicates);
        for (int from = 0; from < n; from += atOnce) {
            int count = Math.min(atOnce, n - from);
            int[] steps = new int[count * replicates];
            float[] pulled = eot.ends(images, occasions, from, count, replicates, steps);
            pull(pulled, labels, from, count, replicates, votes);
            sum(pulled, replicates, gradient, from, count, size);
        }
        return votes;
    }

    /** Replaces the ends of chains by the loss's gradients there. */
    private void pull(
            float[] ends, int[] labels, int from, int count, int replicates, EotVote[] votes) {
        float[][] logits = new float[count * replicates][classifier.classes()];
        float[][] gradients = new float[count * replicates][classifier.classes()];
        try (INDArray array = eot.array(ends);
                INDArray pulled = eot.array(ends)) {
            classifier.logits(array, logits);
            float[][] answers = logits;
            if (eot.classifier() != classifier) {
                answers = new float[logits.length][eot.classifier().classes()];
                eot.classifier().logits(array, answers);
            }
            for (int i = 0; i < count; i++) {
                int first = i * replicates;
                votes[from + i] = EotVote.of(answers, first, replicates, eot.mean());
                eot.mean().lossGradient(logits, first, replicates, labels[from + i], gradients);
            }
            classifier.inputGradient(array, gradients, pulled);
            FloatArrays.read(pulled, 0, ends, 0, ends.length);
        }
    }

    /** Adds the gradients of each image's replicates, in their order. */
    static void sum(
            float[] pulled, int replicates, float[] gradient, int from, int count, int size) {
        Arrays.fill(gradient, from * size, (from + count) * size, 0);
        for (int i = 0; i < count; i++) {
            for (int r = 0; r < replicates; r++) {
                int at = (i * replicates + r) * size;
                for (int p = 0; p < size; p++) {
                    gradient[(from + i) * size + p] += pulled[at + p];
                }
            }
        }
    }
}
