package io.ebmstream.job.shards;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.learner.LearnedState;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.state.Sha256;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a shard hands in at the end of a round.
 *
 * @param model name of the model
 * @param shard number of the shard, 0 or more
 * @param round the round, from 1
 * @param version version that the shard learned on from
 * @param weights theta: float32, little-endian, in the network's layout
 * @param average moving average of the weights, alike
 * @param moments the optimizer's, alike; none for SGD
 * @param updates updates that the weights went through
 * @param worked updates that the shard tried in this round
 * @param imagesSeen images that the shard had taken in
 * @param eventTime largest event time among them, milliseconds since 1970-01-01 UTC
 * @param offsets for each topic-partition of the shard the offset after the last record taken in
 */
public record Contribution(
        String model,
        int shard,
        long round,
        ModelVersion version,
        byte[] weights,
        byte[] average,
        byte[] moments,
        long updates,
        int worked,
        long imagesSeen,
        long eventTime,
        Map<String, Long> offsets) {

    /** What was learned. */
    public LearnedState learned() {
        return learned(weights, average, moments, updates);
    }

    static LearnedState learned(byte[] weights, byte[] average, byte[] moments, long updates) {
        return new LearnedState(
                FloatBytes.toFloats(weights),
                FloatBytes.toFloats(average),
                FloatBytes.toFloats(moments),
                updates);
    }

    /** SHA-256 of all that an average depends on, 64 hexadecimal digits. */
    public String sha256() {
        return new Sha256()
                .add(
                        String.join(
                                " ",
                                model,
                                String.valueOf(shard),
                                String.valueOf(round),
                                version.toString(),
                                String.valueOf(updates),
                                String.valueOf(worked),
                                String.valueOf(imagesSeen),
                                String.valueOf(eventTime),
                                new TreeMap<>(offsets).toString()))
                .add(weights)
                .add(average)
                .add(moments)
                .hex();
    }
}
