package io.ebmstream.job.shards;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.Map;

/** Parts of rounds as a shard of three weights hands them in. */
final class Parts {
    private Parts() {}

    static Contribution part(int shard, long round) {
        float value = 0.1f * shard + 0.3f * round;
        return new Contribution(
                "m",
                shard,
                round,
                new ModelVersion(0, round - 1),
                FloatBytes.toBytes(new float[] {value, -value, 1e7f + shard}),
                FloatBytes.toBytes(new float[] {value / 2, value, 3}),
                FloatBytes.toBytes(new float[] {1, 2, value, 4, 5, 6}),
                10 * round + shard,
                2 + shard,
                100 * (shard + 1),
                1_000 * round - shard,
                Map.of("images-" + shard, 7L + shard));
    }
}
