package io.ebmstream.job.learn;

import io.ebmstream.job.control.StandingOrders;

/**
 * What was ordered of a shard, as it lasts.
 *
 * @param learning whether the shard learns
 * @param standing what purifiers keep to
 * @param done ids of orders carried out, oldest first
 */
public record OrdersSaved(Learning learning, StandingOrders standing, String[] done) {

    /** Whether a shard learns. */
    public enum Learning {
        /** It does. */
        RUNS,
        /** It takes images in and begins no update. */
        PAUSED,
        /** It does not look at images, and publishes nothing by itself. */
        FROZEN
    }
}
