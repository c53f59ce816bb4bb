package io.ebmstream.ops.snapshot;

/**
 * Version of a published model: ordered by epoch, then counter. (0, 0) is the untrained model.
 *
 * @param epoch roll-backs before it, at least 0
 * @param counter publications within the epoch, at least 0; 0 is what a roll-back went back to
 */
public record ModelVersion(long epoch, long counter) implements Comparable<ModelVersion> {
    /** The untrained model of a network and seed. */
    public static final ModelVersion INITIAL = new ModelVersion(0, 0);

    /**
     * @throws IllegalArgumentException if a number is negative
     */
    public ModelVersion {
        if (epoch < 0 || counter < 0) {
            throw new IllegalArgumentException(
                    "expected an epoch and counter of at least 0, found " + epoch + "." + counter);
        }
    }

    /** The version after this one in its epoch. */
    public ModelVersion next() {
        return new ModelVersion(epoch, counter + 1);
    }

    /** The version that a roll-back publishes: the first of the next epoch. */
    public ModelVersion rolledBack() {
        return new ModelVersion(epoch + 1, 0);
    }

    @Override
    public int compareTo(ModelVersion other) {
        int byEpoch = Long.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : Long.compare(counter, other.counter);
    }

    @Override
    public String toString() {
        return epoch + "." + counter;
    }
}
