package io.ebmstream.ops.defense;

import io.ebmstream.ops.classifier.Logits;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;

/**
 * What an image's R purifications say together.
 *
 * @param label index of the largest mean
 * @param mean m of {@link EotMean}, one value for each class
 * @param votes how many purifications have their largest logit at each class
 * @param margin (most votes - votes of the runner-up) / R, in [0, 1]
 * @param steps mean Langevin steps of the purifications; NaN where they are not known
 */
public record EotVote(int label, float[] mean, int[] votes, double margin, double steps) {

    /**
     * @param logits rows {@code from} to {@code from + count - 1} are the purifications'
     * @throws IllegalArgumentException if there is none
     */
    public static EotVote of(float[][] logits, int from, int count, EotMean how) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 purification to vote, found " + count);
        }
        float[] mean = new float[logits[from].length];
        how.combine(logits, from, count, mean);
        int[] votes = new int[mean.length];
        for (int r = from; r < from + count; r++) {
            votes[Logits.argmax(logits[r])]++;
        }
        int[] sorted = votes.clone();
        Arrays.sort(sorted);
        double margin = (double) (sorted[sorted.length - 1] - sorted[sorted.length - 2]) / count;
        return new EotVote(Logits.argmax(mean), mean, votes, margin, Double.NaN);
    }

    /** The same vote of purifications {@code from .. from + count - 1} that took these steps. */
    public EotVote withSteps(int[] all, int from, int count) {
        double sum = 0;
        for (int r = from; r < from + count; r++) {
            sum += all[r];
        }
        return new EotVote(label, mean, votes, margin, sum / count);
    }

    /** How many purifications voted. */
    public int replicates() {
        return Arrays.stream(votes).sum();
    }

    /** Of all rows. */
    public static EotVote of(float[][] logits, EotMean how) {
        return of(logits, 0, logits.length, how);
    }

    /**
     * Id of the chain that purifies an image for the r-th time; {@link PurificationImage#chain} is
     * the id of its only purification where there is no vote.
     */
    public static long chain(long imageChain, int replicate) {
        return Threefry.derive(imageChain, replicate);
    }
}
