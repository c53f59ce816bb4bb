package io.ebmstream.ops.density;

/**
 * How a change in a stream's energies is told from chance.
 *
 * @param reference readings that make the reference: the change is measured from their mean and
 *     spread; at least 2
 * @param slack k, change that is tolerated, in reference standard deviations; at least 0. A lasting
 *     shift by 2 k is found fastest
 * @param threshold h, cumulative sum that raises an alarm, in reference standard deviations; above
 *     0
 * @param coolDown readings after an alarm in which there is no other; the reference is learned anew
 *     after them; at least 0
 */
public record DriftConfig(int reference, double slack, double threshold, int coolDown) {
    /**
     * On independent normal readings, measured: one false alarm in about 5 million, a lasting shift
     * by one standard deviation found after about 30.
     */
    public static final DriftConfig DEFAULT = new DriftConfig(200, 0.5, 16, 200);

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public DriftConfig {
        if (reference < 2 || coolDown < 0 || !(slack >= 0) || !(threshold > 0)) {
            throw new IllegalArgumentException(
                    "expected a reference of at least 2 readings, a slack and a cool-down of at"
                            + " least 0 and a threshold above 0, found reference "
                            + reference
                            + ", slack "
                            + slack
                            + ", threshold "
                            + threshold
                            + ", cool-down "
                            + coolDown);
        }
    }
}
