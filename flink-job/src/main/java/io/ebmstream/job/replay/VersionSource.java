package io.ebmstream.job.replay;

import io.ebmstream.job.config.InitialModel;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.util.Properties;

/**
 * Weights of versions: a file's, the job's initial model's, the untrained model's, and all those
 * that the snapshot topics keep. Not thread-safe.
 */
public final class VersionSource implements AutoCloseable {
    private final JobConfig job;
    private final Network network;
    private final Properties kafka;
    private final InitialModel file;
    private SnapshotReader reader;

    /**
     * @param kafka settings of a consumer
     * @param file a version that need not be in Kafka, or null
     */
    public VersionSource(JobConfig job, Properties kafka, ModelFile file) {
        this.job = job;
        this.network = job.model().build();
        this.kafka = kafka;
        this.file = file == null ? job.model().initialModel().orElse(null) : new InitialModel(file);
    }

    /**
     * Weights of a version, laid out by the job's network.
     *
     * @throws IllegalArgumentException if it is not at hand; the message says why
     */
    float[] weights(ModelVersion version) {
        if (file != null && file.version().equals(version)) {
            return checked(version, file.file());
        }
        if (version.equals(ModelVersion.INITIAL)) {
            return Initializer.weights(network, job.compute().seed());
        }
        try {
            if (reader == null) {
                reader =
                        SnapshotReader.open(
                                kafka,
                                new SnapshotTopics(
                                        job.topics().snapshots(), job.topics().snapshotChunks()),
                                job.model().name());
            }
            return checked(
                    version,
                    SnapshotModels.of(
                            reader.version(
                                    new io.ebmstream.schemas.avro.ModelVersion(
                                            version.epoch(), version.counter()))));
        } catch (SnapshotException e) {
            throw new IllegalArgumentException(
                    "version " + version + " is not retained: " + e.getMessage(), e);
        }
    }

    private float[] checked(ModelVersion version, ModelFile model) {
        if (!model.energy().network().toJson().equals(network.toJson())) {
            throw new IllegalArgumentException(
                    "version "
                            + version
                            + " is of another network: expected "
                            + network
                            + ", found "
                            + model.energy().network());
        }
        return model.energy().weights();
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
