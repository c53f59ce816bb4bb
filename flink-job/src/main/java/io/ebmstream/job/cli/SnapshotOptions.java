package io.ebmstream.job.cli;

import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.NewTopic;
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
        try (SnapshotReader reader = open()) {
            return SnapshotModels.of(read(reader, null));
        } catch (SnapshotException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking for topics", e);
        }
    }

    /**
     * Opens the topics for reading.
     *
     * @throws IllegalStateException if there is no broker, or a topic is missing
     */
    SnapshotReader open() throws SnapshotException, InterruptedException {
        TopicCheck.ensure(
                kafka.properties(),
                List.of(
                        new NewTopic(topics().manifests(), 1, (short) 1),
                        new NewTopic(topics().chunks(), 1, (short) 1)),
                false);
        return openThere();
    }

    /** Opens topics that are known to be there. */
    SnapshotReader openThere() throws SnapshotException {
        try {
            return SnapshotReader.open(kafka.properties(), topics(), name);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--stream-model: " + e.getMessage(), e);
        }
    }

    /** A version with its weights; the latest for null. */
    Snapshot read(SnapshotReader reader, ModelVersion version) throws SnapshotException {
        return version == null
                ? reader.latest().orElseThrow(() -> none(reader))
                : reader.version(AvroVersions.of(version));
    }

    /** Nothing to read. */
    IllegalStateException none(SnapshotReader reader) {
        List<String> others = reader.otherModels();
        return new IllegalStateException(
                "expected a version of model "
                        + name
                        + " in "
                        + topics().manifests()
                        + ", found "
                        + (others.isEmpty()
                                ? "none; has the job published one?"
                                : "some of " + others + " only; name one with --stream-model"));
    }

    SnapshotTopics topics() {
        return new SnapshotTopics(
                manifests.isEmpty()
                        ? EbmOptions.TOPIC_SNAPSHOTS.option().defaultValue()
                        : manifests,
                chunks.isEmpty()
                        ? EbmOptions.TOPIC_SNAPSHOT_CHUNKS.option().defaultValue()
                        : chunks);
    }

    Properties kafka() {
        return kafka.properties();
    }

    String name() {
        return name;
    }
}
