package io.ebmstream.ops.density;

/**
 * How a change in a stream's energies is told from chance.
 *
 * @param reference readings that a change is measured from at first; more where they are
 *     correlated; at least 30
 * @param slack change that is tolerated, in standard deviations of the readings; at least 0. A
 *     lasting shift by twice as much is found fastest
 * @param runLength expected readings between two false alarms of a stream that does not change; at
 *     least 1,000
 * @param coolDown readings after an alarm in which there is no other; the reference is learned anew
 *     after them; at least 0
 */
public record DriftConfig(int reference, double slack, double runLength, int coolDown) {
    /** A false alarm in a million readings. */
    public static final DriftConfig DEFAULT = new DriftConfig(200, 0.35, 1e6, 200);

    /** Least reference: fewer say nothing about correlations. */
    public static final int LEAST_REFERENCE = 30;

    /** Least run length. */
    public static final double LEAST_RUN_LENGTH = 1000;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public DriftConfig {
        if (reference < LEAST_REFERENCE
                || coolDown < 0
                || !(slack >= 0 && Double.isFinite(slack))
                || !(runLength >= LEAST_RUN_LENGTH && Double.isFinite(runLength))) {
            throw new IllegalArgumentException(
                    "expected a reference of at least "
                            + LEAST_REFERENCE
                            + " readings, a slack and a cool-down of at least 0 and a run length of"
                            + " at least "
                            + LEAST_RUN_LENGTH
                            + ", found reference "
                            + reference
                            + ", slack "
                            + slack
                            + ", run length "
                            + runLength
                            + ", cool-down "
                            + coolDown);
        }
    }
}
