package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.snapshot.ManifestJson;
import io.ebmstream.job.snapshot.ModelSnapshot;
import io.ebmstream.job.snapshot.SnapshotPublisher;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm snapshots import}: a model into the snapshot topics. */
@Command(
        name = "import",
        description = {
            "Publish a model file as a version, in one transaction, read it back and compare every"
                    + " hash: for readers of snapshots at another Kafka cluster, or of a model that"
                    + " was trained without a stream.",
            "A job does not read its own topic when it starts: begin one with the model by 'ebm run"
                    + " --initial-snapshot'. Don't import under the name of a model that a running"
                    + " job publishes, whose next version would come before or after this one."
        })
final class SnapshotsImportCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshots;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "The model: its folder or file.")
    private Path path;

    @Option(
            names = "--manifest",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description =
                    "The manifest.json that was exported with it, for its provenance. Without: the"
                            + " one beside the model, if there is one.")
    private Path manifest;

    @Option(
            names = "--as",
            paramLabel = "VERSION",
            showDefaultValue = Visibility.NEVER,
            converter = VersionConverter.class,
            description =
                    "The version that it becomes, above all that are there. Without: the model's"
                            + " own if the topic has none of its name, else the next epoch's first.")
    private ModelVersion as;

    @Option(
            names = "--create-topics",
            description = "Create topics that are missing, one copy of each; for trying out.")
    private boolean create;

    @Option(names = "--json", description = "One JSON object in place of the line.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ModelFile model = ModelArgument.read("--model", path);
        JsonNode exported = exported();
        ensureTopics();
        Snapshot there;
        try (SnapshotReader reader = snapshots.openThere()) {
            ModelVersion version = version(model, reader.versions());
            PackedSnapshot packed = pack(model, version, exported);
            SnapshotPublisher.publish(snapshots.kafka(), snapshots.topics(), packed);
            there = reader.version(AvroVersions.of(version));
            String found = there.manifest().getSha256();
            if (!found.equals(packed.manifest().getSha256())) {
                throw new IOException(
                        "expected to read back SHA-256 "
                                + packed.manifest().getSha256()
                                + ", found "
                                + found
                                + "; does something else publish "
                                + snapshots.name()
                                + "?");
            }
        }
        report(there);
        return ExitCode.OK;
    }

    private PackedSnapshot pack(ModelFile model, ModelVersion version, JsonNode exported) {
        try {
            return ModelSnapshot.of(model, snapshots.name(), version, exported);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private JsonNode exported() throws IOException {
        Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        Path file = manifest == null ? folder.resolve(ManifestJson.NAME) : manifest;
        if (manifest == null && !Files.exists(file)) {
            return null;
        }
        try {
            return new ObjectMapper().readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    "expected a manifest as JSON in " + file + ", found: " + e.getOriginalMessage(),
                    e);
        }
    }

    private void ensureTopics() throws InterruptedException {
        SnapshotTopics topics = snapshots.topics();
        List<NewTopic> wanted = JobTopics.snapshots(topics.manifests(), topics.chunks(), (short) 1);
        TopicCheck.ensure(snapshots.kafka(), wanted, create);
    }

    private ModelVersion version(
            ModelFile model, List<io.ebmstream.schemas.avro.ModelVersion> there) {
        if (there.isEmpty()) {
            return as == null ? model.version() : as;
        }
        ModelVersion highest = AvroVersions.from(there.get(there.size() - 1));
        if (as == null) {
            return highest.rolledBack();
        }
        if (as.compareTo(highest) <= 0) {
            throw new UsageException(
                    "--as: expected a version above "
                            + highest
                            + ", the highest of "
                            + snapshots.name()
                            + ", found "
                            + as
                            + "; readers go to the highest only");
        }
        return as;
    }

    private void report(Snapshot there) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", there.model());
        result.put("version", WatchKind.version(there.version()));
        result.put("bytes", there.manifest().getTotalBytes());
        result.put("chunks", there.manifest().getChunkCount());
        result.put("sha256", there.manifest().getSha256());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(result));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s %s: %,d bytes in %d chunks, read back and verified: sha-256 %s%n",
                    result.values().toArray());
        }
        out.flush();
    }
}
