package io.ebmstream.job.shards;

import java.io.Serializable;

/**
 * Where rounds end in lockstep: after a row of places, one of each partition, whatever the places
 * hold. Round r ends with the first row by which a shard has had on average as many places as make
 * r times {@code every} updates of it due, if all were images. So all shards end a round at the
 * same place of the input, however many of their images were broken, and none waits for one that
 * gets less.
 *
 * @param shards S, at least 1
 * @param partitions P, at least S
 * @param warmup images before a learner's first update, at least 1
 * @param imagesPerUpdate images between two updates, at least 1
 * @param every updates between two averages, at least 1
 */
public record RoundPlan(int shards, int partitions, int warmup, int imagesPerUpdate, int every)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public RoundPlan {
        if (shards < 1 || partitions < shards || warmup < 1 || imagesPerUpdate < 1 || every < 1) {
            throw new IllegalArgumentException(
                    "expected 1 or more shards, at least as many partitions, and 1 or more images"
                            + " and updates, found "
                            + shards
                            + ", "
                            + partitions
                            + ", "
                            + warmup
                            + ", "
                            + imagesPerUpdate
                            + ", "
                            + every);
        }
    }

    /**
     * Whether a round ends with a row.
     *
     * @param rows complete rows with this one, at least 1
     */
    public boolean endsAfter(long rows) {
        return rounds(rows * partitions) > rounds((rows - 1) * partitions);
    }

    /** Rounds over after so many places of all partitions. */
    private long rounds(long places) {
        long each = places / shards;
        return each < warmup ? 0 : ((each - warmup) / imagesPerUpdate + 1) / every;
    }
}
