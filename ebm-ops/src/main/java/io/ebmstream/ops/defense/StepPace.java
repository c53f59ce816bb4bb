package io.ebmstream.ops.defense;

/**
 * How many steps of a part fit into a slice of time, learned from those that ran. Results never
 * depend on it. Not thread-safe.
 */
public final class StepPace {
    private double stepNanos;

    /**
     * Steps for a slice: 1 while nothing is known, and never fewer.
     *
     * @param nanos length of the slice
     * @param most steps that are left, at least 1
     */
    public int steps(long nanos, int most) {
        return stepNanos == 0 ? 1 : (int) Math.max(1, Math.min(most, nanos / stepNanos));
    }

    /** Takes note of how long some steps took. */
    public void took(long nanos, int steps) {
        double one = (double) nanos / steps;
        stepNanos = stepNanos == 0 ? one : 0.5 * (stepNanos + one);
    }
}
