package io.ebmstream.job.shards;

import java.io.Serializable;

/**
 * The way averages take back to the learners. It is no input of their operator: a learner that
 * waits for an average holds its images up, and with them every input.
 */
@FunctionalInterface
public interface AverageFeed extends Serializable {
    /** Takes what comes, on a thread of the feed's. */
    interface Sink {
        /** An average, verified. Any may come more than once, and others than those waited for. */
        void average(Average average);

        /** The feed is at its end: nothing more will come. */
        void failed(Exception cause);
    }

    /**
     * Begins with what is committed from now on.
     *
     * @param sink told of every average of all models
     * @return stops the feed
     */
    AutoCloseable open(Sink sink);
}
