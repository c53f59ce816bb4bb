package io.ebmstream.ops.learner;

import java.util.List;
import java.util.function.Function;

/**
 * What a learner of an energy has learned, apart from its images and chains: what several learners
 * of one model average from time to time and go on from (local SGD, arXiv 1805.09767; with the
 * moments, so that Adam's steps stay as large as before).
 *
 * @param weights theta, laid out by the network
 * @param average moving average of the weights, laid out alike
 * @param moments the optimizer's, [m, v] for Adam; none for SGD
 * @param updates completed updates, at least 0
 */
public record LearnedState(float[] weights, float[] average, float[] moments, long updates) {
    /**
     * @throws IllegalArgumentException if the lengths do not fit one another
     */
    public LearnedState {
        int count = weights.length;
        if (average.length != count
                || moments.length != 0 && moments.length != 2 * count
                || updates < 0) {
            throw new IllegalArgumentException(
                    "expected "
                            + count
                            + " averaged weights, none or twice as many moments and updates of at"
                            + " least 0, found "
                            + average.length
                            + ", "
                            + moments.length
                            + " and "
                            + updates);
        }
    }

    /**
     * The mean of each number over all parts: summed in float64 in the order given, divided by
     * their count, rounded once. So equal parts in equal order give equal bits. The updates are the
     * most that a part went through.
     *
     * @param parts one or more of one network and optimizer
     * @throws IllegalArgumentException if there is none, or they differ in size
     */
    public static LearnedState mean(List<LearnedState> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("expected something to average, found nothing");
        }
        return new LearnedState(
                mean(parts, LearnedState::weights),
                mean(parts, LearnedState::average),
                mean(parts, LearnedState::moments),
                parts.stream().mapToLong(LearnedState::updates).max().getAsLong());
    }

    private static float[] mean(List<LearnedState> parts, Function<LearnedState, float[]> vector) {
        int length = vector.apply(parts.get(0)).length;
        double[] sums = new double[length];
        for (LearnedState part : parts) {
            float[] values = vector.apply(part);
            if (values.length != length) {
                throw new IllegalArgumentException(
                        "expected "
                                + length
                                + " values in every part, found "
                                + values.length
                                + "; do all learners have the same network and optimizer?");
            }
            for (int i = 0; i < length; i++) {
                sums[i] += values[i];
            }
        }
        float[] mean = new float[length];
        for (int i = 0; i < length; i++) {
            mean[i] = (float) (sums[i] / parts.size());
        }
        return mean;
    }
}
