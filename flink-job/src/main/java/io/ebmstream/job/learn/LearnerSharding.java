package io.ebmstream.job.learn;

import io.ebmstream.job.shards.AverageFeed;
import io.ebmstream.job.shards.ShardLayout;
import java.io.Serializable;
import java.time.Duration;

/**
 * What a learner that is one of several needs to know.
 *
 * @param layout shards, keys and seeds
 * @param every updates between two averages, at least 1
 * @param placed whether rounds end at places of the input, told by marks among the images
 *     (lockstep); else after {@code every} updates
 * @param patience how long a full queue may hold the input up for an average before it takes in as
 *     much again: barriers of savepoints come in line, and the average may wait for them
 * @param feed where averages come from
 */
public record LearnerSharding(
        ShardLayout layout, int every, boolean placed, Duration patience, AverageFeed feed)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LearnerSharding {
        if (layout.shards() < 2 || every < 1) {
            throw new IllegalArgumentException(
                    "expected at least 2 shards and 1 update between averages, found "
                            + layout.shards()
                            + " and "
                            + every);
        }
    }
}
