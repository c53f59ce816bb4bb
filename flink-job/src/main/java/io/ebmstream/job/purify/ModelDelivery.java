package io.ebmstream.job.purify;

import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * A model on its way to one subtask of the purifier.
 *
 * @param target index of the subtask
 * @param version version of the model
 * @param weights float32, little-endian, in the network's layout
 * @param bankEnergies U/T of chains of the learner's bank under these weights, ascending; null or
 *     none where they are not known
 */
public record ModelDelivery(
        int target, ModelVersion version, byte[] weights, double[] bankEnergies) {}
