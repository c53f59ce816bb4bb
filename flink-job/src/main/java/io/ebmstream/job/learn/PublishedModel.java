package io.ebmstream.job.learn;

import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.Map;

/**
 * A version of the model on its way to purifiers and to Kafka.
 *
 * @param model name of the model
 * @param version its version
 * @param parent version that it was learned on from
 * @param weights the energy's averaged (EMA) weights: float32, little-endian, in the network's
 *     layout
 * @param networks weights of the networks beside the energy, laid out alike, by their role in a
 *     {@link io.ebmstream.ops.weights.ModelFile}: all that the learner works with, those included
 *     that were given to it and stay as they are
 * @param updates updates that the weights went through
 * @param imagesSeen images that the learner had taken in
 * @param eventTime largest event time among them, milliseconds since 1970-01-01 UTC
 * @param offsets for each topic-partition the offset after the last record learned from
 * @param anchorEnergies U/T of the anchors, the learner's first images, under these weights
 * @param chainEnergy mean U/T of the last update's chains under these weights; NaN right after a
 *     restore
 * @param bankEnergies U/T of chains of the learner's bank under these weights, ascending; none
 *     where chains do not last. Null where a release that knew none wrote the record
 * @param imageEnergies U/T of images of the replay buffer under these weights, ascending; null
 *     where a release that knew none wrote the record
 * @param samplesPng grid of the learner's oldest chains as a PNG file; null for none
 * @param executor executor and precision that learned, for example {@code onednn/bf16}
 */
public record PublishedModel(
        String model,
        ModelVersion version,
        ModelVersion parent,
        byte[] weights,
        Map<String, byte[]> networks,
        long updates,
        long imagesSeen,
        long eventTime,
        Map<String, Long> offsets,
        double[] anchorEnergies,
        double chainEnergy,
        double[] bankEnergies,
        double[] imageEnergies,
        byte[] samplesPng,
        String executor) {}
