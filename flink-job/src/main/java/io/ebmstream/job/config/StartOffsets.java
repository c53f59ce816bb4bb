package io.ebmstream.job.config;

/** Where a job without a checkpoint begins to read. */
public enum StartOffsets {
    /** At the consumer group's committed offsets; at the earliest record where it has none. */
    COMMITTED,
    /** At the earliest record. */
    EARLIEST,
    /** Behind the latest record. */
    LATEST;

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
