package io.ebmstream.job.snapshot;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.PurifierSettings;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * What is the same in every manifest of a job.
 *
 * @param network the energy network as JSON text
 * @param networks networks beside it as JSON text, by their role in a model file
 * @param stepSize eps of the purifier's dynamics
 * @param temperature T
 * @param tau standard deviation of the Gaussian term; 0 for none
 * @param maxNorm largest displacement of one step; 0 for no limit
 * @param steps steps of a purification
 * @param hyperparameters configuration keys and values
 * @param keep versions that stay in Kafka, 0 for all
 * @param manifestTopic topic of manifests
 * @param chunkTopic topic of chunks
 */
public record SnapshotSetup(
        String network,
        Map<String, String> networks,
        double stepSize,
        double temperature,
        double tau,
        double maxNorm,
        int steps,
        Map<String, String> hyperparameters,
        int keep,
        String manifestTopic,
        String chunkTopic)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public SnapshotSetup {
        networks = Map.copyOf(networks);
        hyperparameters = Map.copyOf(hyperparameters);
    }

    /** A job's. */
    public static SnapshotSetup of(JobConfig job) {
        LearnerConfig learning = job.learner().toConfig(job.model().build(), job.compute().seed());
        Map<String, String> networks = new HashMap<>();
        if (learning.generator() != null) {
            networks.put(ModelFile.GENERATOR, learning.generator().network().toJson());
        }
        if (learning.prior() != null) {
            networks.put(ModelFile.PRIOR, learning.prior().network().toJson());
        }
        PurifierSettings purifier = job.purifier();
        return new SnapshotSetup(
                learning.network().toJson(),
                networks,
                purifier.stepSize(),
                purifier.temperature(),
                purifier.tau(),
                purifier.maxLangevinNorm(),
                purifier.steps(),
                Hyperparameters.of(job),
                job.snapshots().keep(),
                job.topics().snapshots(),
                job.topics().snapshotChunks());
    }
}
