package io.ebmstream.job.control;

import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * What purifiers have to keep to until they are told otherwise.
 *
 * @param number of orders given; of two, the one with the higher number holds
 * @param pinned version that purifies; null for the one that arrived last
 * @param steps Langevin steps K; null for those of the configuration
 */
public record StandingOrders(long number, ModelVersion pinned, Integer steps) {
    /** Nothing was ordered. */
    public static final StandingOrders NONE = new StandingOrders(0, null, null);

    /** The next orders, with another version or null. */
    public StandingOrders pin(ModelVersion version) {
        return new StandingOrders(number + 1, version, steps);
    }

    /** What is left where nobody may give orders any more: the next ones, that say nothing. */
    public StandingOrders lift() {
        return pinned == null && steps == null ? this : new StandingOrders(number + 1, null, null);
    }

    /** The next orders, with another K. */
    public StandingOrders withSteps(int k) {
        return new StandingOrders(number + 1, pinned, k);
    }
}
