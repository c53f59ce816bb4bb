package io.ebmstream.ops.defense;

/**
 * When a vote ends before all R purifications of an image took part: after a round of them that
 * decided it. Sound without a margin for {@link EotMean#SOFTMAX}: a purification that is left moves
 * the difference of two classes' sums by 1 at most, so after s of R
 *
 * <pre>sum_r p_r[first] - sum_r p_r[second] &gt; R - s</pre>
 *
 * the label is the one that all R would give. A margin saves more and may err: the vote ends once
 * the margin of votes is that large and its first class is also that of the mean.
 *
 * @param round purifications between two looks, at least 1
 * @param margin margin of votes that decides, in (0, 1]; 0 for the sound rule alone
 */
public record VoteStop(int round, double margin) {
    /** Purifications of a round, where none are given. */
    public static final int DEFAULT_ROUND = 4;

    /** Above what the means' rounding to float32 can hide, relative to R. */
    private static final double SLACK = 1e-6;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public VoteStop {
        if (round < 1 || !(margin >= 0 && margin <= 1)) {
            throw new IllegalArgumentException(
                    "expected rounds of at least 1 purification and a margin from 0 to 1, found "
                            + round
                            + " and "
                            + margin);
        }
    }

    /**
     * Refuses a rule that could never end a vote.
     *
     * @throws IllegalArgumentException if there is neither a margin nor a bound on what a
     *     purification can change
     */
    public void check(EotMean how) {
        if (margin == 0 && how != EotMean.SOFTMAX) {
            throw new IllegalArgumentException(
                    "expected a margin of votes above 0 for the mean of "
                            + how.label()
                            + ", since one more purification could always change the label; found"
                            + " 0, which is for the mean of softmax");
        }
    }

    /**
     * Whether a vote is decided.
     *
     * @param logits the first {@code voted} rows are the purifications' so far
     * @param voted how many have voted; fewer than {@code taken} where some were lost
     * @param taken how many there were
     * @param replicates R
     */
    public boolean decides(float[][] logits, int voted, int taken, int replicates, EotMean how) {
        if (voted == 0) {
            return false;
        }
        EotVote vote = EotVote.of(logits, 0, voted, how);
        if (how == EotMean.SOFTMAX
                && lead(vote) * voted > replicates - taken + SLACK * replicates) {
            return true;
        }
        return margin > 0 && vote.margin() >= margin && most(vote) == vote.votes()[vote.label()];
    }

    /** By how much the first class's mean is above every other's. */
    private static double lead(EotVote vote) {
        double second = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < vote.mean().length; k++) {
            second = k == vote.label() ? second : Math.max(second, vote.mean()[k]);
        }
        return vote.mean()[vote.label()] - second;
    }

    private static int most(EotVote vote) {
        int most = 0;
        for (int votes : vote.votes()) {
            most = Math.max(most, votes);
        }
        return most;
    }
}
