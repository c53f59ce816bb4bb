package io.ebmstream.job.learn;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import java.util.Map;

/**
 * A published version as a learner keeps it, to go back to or to send again.
 *
 * @param version the version
 * @param weights the energy's weights: float32, little-endian, in the network's layout
 * @param networks weights of the networks beside it, as {@link PublishedModel} has them
 * @param bankEnergies U/T of its chains, ascending; null or none where they are not known
 * @param anchors scale of energies under these weights; null where that is not known
 */
public record KeptModel(
        ModelVersion version,
        byte[] weights,
        Map<String, byte[]> networks,
        double[] bankEnergies,
        EnergyCalibration anchors) {

    /** What is kept of a version. */
    static KeptModel of(PublishedModel model) {
        return new KeptModel(
                model.version(),
                model.weights(),
                model.networks(),
                model.bankEnergies(),
                EnergyCalibration.known(model.anchorEnergies()));
    }

    /** What a learner goes on from. */
    LearnerWeights toWeights() {
        return new LearnerWeights(
                FloatBytes.toFloats(weights),
                network(ModelFile.GENERATOR),
                network(ModelFile.PRIOR));
    }

    private float[] network(String role) {
        byte[] found = networks.get(role);
        return found == null ? null : FloatBytes.toFloats(found);
    }
}
