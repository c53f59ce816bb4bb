package io.ebmstream.job.shards;

import io.ebmstream.ops.sampler.Threefry;
import java.io.Serializable;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Which shard learns from a partition, under which key and with which seed. Results depend on the
 * shards and partitions, never on parallelism. Immutable.
 *
 * <p>One shard alone has the key {@code model/0} and the job's own seed. Several have keys whose
 * key groups are spread evenly, so that any number of subtasks gets as equal a share as possible.
 *
 * @param model name of the model
 * @param shards S, at least 1
 * @param maxParallelism key groups of the job, at least S
 */
public record ShardLayout(String model, int shards, int maxParallelism) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Purpose of the seeds of several shards ("shard" in ASCII). */
    private static final long SHARD = 0x7368617264L;

    /**
     * @throws IllegalArgumentException if there is no shard, or there are more than key groups
     */
    public ShardLayout {
        if (shards < 1 || shards > maxParallelism) {
            throw new IllegalArgumentException(
                    "expected 1 to " + maxParallelism + " shards, found " + shards);
        }
    }

    /** The shard that learns from a partition. */
    public int shardOf(int partition) {
        return partition % shards;
    }

    /** Key of a shard's state; it ends with a slash and the shard's number. */
    public String key(int shard) {
        if (shards == 1) {
            return model + "/0";
        }
        int wanted = (int) (((long) shard * maxParallelism + shards - 1) / shards);
        for (int salt = 0; ; salt++) {
            String key = model + "/" + salt + "/" + shard;
            if (KeyGroupRangeAssignment.assignToKeyGroup(key, maxParallelism) == wanted) {
                return key;
            }
        }
    }

    /** Keys of all shards, by their number. */
    public String[] keys() {
        String[] keys = new String[shards];
        for (int shard = 0; shard < shards; shard++) {
            keys[shard] = key(shard);
        }
        return keys;
    }

    /** The number of the shard that has this key. */
    public static int number(String key) {
        return Integer.parseInt(key.substring(key.lastIndexOf('/') + 1));
    }

    /**
     * Seed of a shard's random choices. The first weights come from the job's seed in every shard.
     *
     * @param seed the job's
     */
    public long seed(int shard, long seed) {
        return shards == 1 ? seed : Threefry.derive(Threefry.derive(seed, SHARD), shard);
    }
}
