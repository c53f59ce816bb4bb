package io.ebmstream.job.shards;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.learner.LearnedState;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The average of a round: the next version of the model, and what every shard goes on from.
 *
 * @param model name of the model
 * @param round the round, from 1
 * @param version its version
 * @param parent version that the shards learned on from
 * @param weights theta: float32, little-endian, in the network's layout
 * @param average moving average of the weights, alike: what is published
 * @param moments the optimizer's, alike; none for SGD
 * @param updates updates that the weights went through, the most of any shard
 * @param worked updates that all shards together tried in this round
 * @param imagesSeen images that all shards together had taken in
 * @param eventTime largest event time among them, milliseconds since 1970-01-01 UTC
 * @param offsets for each topic-partition the offset after the last record taken in
 * @param contributions SHA-256 of what each shard handed in ({@link Contribution#sha256}), by shard
 */
public record Average(
        String model,
        long round,
        ModelVersion version,
        ModelVersion parent,
        byte[] weights,
        byte[] average,
        byte[] moments,
        long updates,
        int worked,
        long imagesSeen,
        long eventTime,
        Map<String, Long> offsets,
        Map<Integer, String> contributions) {

    /**
     * Averages a round.
     *
     * @param parts what the shards handed in, by shard, one from each
     * @throws IllegalArgumentException if they are not of one model, round, version and network
     */
    public static Average of(List<Contribution> parts) {
        Contribution first = parts.get(0);
        Map<String, Long> offsets = new HashMap<>();
        Map<Integer, String> contributions = new HashMap<>();
        int worked = 0;
        long imagesSeen = 0;
        long eventTime = 0;
        for (Contribution part : parts) {
            if (!part.model().equals(first.model())
                    || part.round() != first.round()
                    || !part.version().equals(first.version())) {
                throw new IllegalArgumentException(
                        "expected parts of "
                                + describe(first)
                                + ", found one of "
                                + describe(part));
            }
            offsets.putAll(part.offsets());
            contributions.put(part.shard(), part.sha256());
            worked += part.worked();
            imagesSeen += part.imagesSeen();
            eventTime = Math.max(eventTime, part.eventTime());
        }
        LearnedState mean = LearnedState.mean(parts.stream().map(Contribution::learned).toList());
        return new Average(
                first.model(),
                first.round(),
                first.version().next(),
                first.version(),
                FloatBytes.toBytes(mean.weights()),
                FloatBytes.toBytes(mean.average()),
                FloatBytes.toBytes(mean.moments()),
                mean.updates(),
                worked,
                imagesSeen,
                eventTime,
                offsets,
                contributions);
    }

    private static String describe(Contribution part) {
        return part.model() + ", round " + part.round() + " on from version " + part.version();
    }

    /** What shards go on from. */
    public LearnedState learned() {
        return Contribution.learned(weights, average, moments, updates);
    }
}
