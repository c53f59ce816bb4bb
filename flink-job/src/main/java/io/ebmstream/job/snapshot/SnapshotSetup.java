package io.ebmstream.job.snapshot;

import java.io.Serializable;
import java.util.Map;

/**
 * What is the same in every manifest of a job.
 *
 * @param network the network as JSON text
 * @param stepSize eps of the purifier's dynamics
 * @param temperature T
 * @param tau standard deviation of the Gaussian term; 0 for none
 * @param maxNorm largest displacement of one step; 0 for no limit
 * @param steps steps of a purification
 * @param hyperparameters configuration keys and values
 * @param manifestTopic topic of manifests
 * @param chunkTopic topic of chunks
 */
public record SnapshotSetup(
        String network,
        double stepSize,
        double temperature,
        double tau,
        double maxNorm,
        int steps,
        Map<String, String> hyperparameters,
        String manifestTopic,
        String chunkTopic)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public SnapshotSetup {
        hyperparameters = Map.copyOf(hyperparameters);
    }
}
