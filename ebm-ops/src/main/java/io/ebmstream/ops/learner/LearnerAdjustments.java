package io.ebmstream.ops.learner;

import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;

/**
 * What is changed in a learner's configuration while it runs, by guard rails for instance. Part of
 * the learner's state: a restored learner goes on with them. A value, thread-safe.
 *
 * @param rateFactor multiplies the schedule's learning rate, the generator's too; above 0
 * @param stepsFactor multiplies the schedule's Langevin steps K; the product is rounded, and at
 *     least 1; above 0
 * @param leastDataNoise data noise is the configured one or this, whichever is larger; pixel units,
 *     at least 0
 * @param leastRejuvenation rejuvenation is the schedule's or this, whichever is larger; in [0, 1]
 * @param salt another number gives other random choices and noise from the next update on, so that
 *     a learner that was rolled back takes another course; 0 are those of the seed itself
 */
public record LearnerAdjustments(
        double rateFactor,
        double stepsFactor,
        double leastDataNoise,
        double leastRejuvenation,
        long salt) {
    /** The configuration as it stands. */
    public static final LearnerAdjustments NONE = new LearnerAdjustments(1, 1, 0, 0, 0);

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LearnerAdjustments {
        require(rateFactor > 0 && Double.isFinite(rateFactor), "a rate factor above 0", rateFactor);
        require(
                stepsFactor > 0 && Double.isFinite(stepsFactor),
                "a steps factor above 0",
                stepsFactor);
        require(
                leastDataNoise >= 0 && Double.isFinite(leastDataNoise),
                "least data noise of at least 0",
                leastDataNoise);
        require(
                leastRejuvenation >= 0 && leastRejuvenation <= 1,
                "least rejuvenation in [0, 1]",
                leastRejuvenation);
    }

    public LearnerAdjustments withRateFactor(double value) {
        return new LearnerAdjustments(value, stepsFactor, leastDataNoise, leastRejuvenation, salt);
    }

    public LearnerAdjustments withStepsFactor(double value) {
        return new LearnerAdjustments(rateFactor, value, leastDataNoise, leastRejuvenation, salt);
    }

    public LearnerAdjustments withLeastDataNoise(double value) {
        return new LearnerAdjustments(rateFactor, stepsFactor, value, leastRejuvenation, salt);
    }

    public LearnerAdjustments withLeastRejuvenation(double value) {
        return new LearnerAdjustments(rateFactor, stepsFactor, leastDataNoise, value, salt);
    }

    public LearnerAdjustments withSalt(long value) {
        return new LearnerAdjustments(
                rateFactor, stepsFactor, leastDataNoise, leastRejuvenation, value);
    }

    /** K of the schedule under these adjustments. */
    int steps(double scheduled) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.round(scheduled * stepsFactor)));
    }

    byte[] toBytes() {
        return new StateWriter(StateKind.LEARNER_ADJUSTMENTS, 64)
                .putDouble(rateFactor)
                .putDouble(stepsFactor)
                .putDouble(leastDataNoise)
                .putDouble(leastRejuvenation)
                .putLong(salt)
                .toBytes();
    }

    static LearnerAdjustments fromBytes(byte[] state) {
        StateReader reader = new StateReader(StateKind.LEARNER_ADJUSTMENTS, state);
        LearnerAdjustments adjustments =
                new LearnerAdjustments(
                        reader.nextDouble(),
                        reader.nextDouble(),
                        reader.nextDouble(),
                        reader.nextDouble(),
                        reader.nextLong());
        reader.end();
        return adjustments;
    }

    private static void require(boolean holds, String expected, double found) {
        if (!holds) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }
}
