package io.ebmstream.job.cli;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which published snapshot a command takes out of Kafka. */
final class SnapshotOptions {
    @Mixin private KafkaOptions kafka;

    @Option(
            names = "--stream-model",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "The model's name in Kafka, the job's ebm.model.name.")
    private String name;

    @Option(
            names = "--manifests",
            paramLabel = "TOPIC",
            defaultValue = "",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Topic of snapshot manifests. Without: the job's default.")
    private String manifests;

    @Option(
            names = "--chunks",
            paramLabel = "TOPIC",
            defaultValue = "",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Topic of snapshot chunks. Without: the job's default.")
    private String chunks;

    /** The latest whole version. */
    ModelFile latest() throws IOException {
        SnapshotTopics topics =
                new SnapshotTopics(
                        manifests.isEmpty()
                                ? EbmOptions.TOPIC_SNAPSHOTS.option().defaultValue()
                                : manifests,
                        chunks.isEmpty()
                                ? EbmOptions.TOPIC_SNAPSHOT_CHUNKS.option().defaultValue()
                                : chunks);
        try {
            return SnapshotModels.latest(kafka.properties(), topics, name);
        } catch (SnapshotException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
