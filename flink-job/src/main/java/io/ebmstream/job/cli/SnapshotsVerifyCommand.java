package io.ebmstream.job.cli;

import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm snapshots verify}: whether versions are whole and their bytes right. */
@Command(
        name = "verify",
        description = {
            "Read versions whole and compare every hash: of each chunk, each tensor and the whole.",
            "Ends with 1 if a version is damaged or incomplete, and names the chunk."
        })
final class SnapshotsVerifyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshots;

    @Parameters(
            arity = "0..*",
            paramLabel = "VERSION",
            showDefaultValue = Visibility.NEVER,
            converter = VersionConverter.class,
            description = "Versions, for example 0.12. Without: all.")
    private List<ModelVersion> versions = List.of();

    @Option(names = "--json", description = "A JSON array of objects in place of the lines.")
    private boolean json;

    @Override
    public Integer call() throws SnapshotException, InterruptedException {
        List<Map<String, Object>> results = new ArrayList<>();
        boolean whole = true;
        PrintWriter out = spec.commandLine().getOut();
        try (SnapshotReader reader = snapshots.open()) {
            List<io.ebmstream.schemas.avro.ModelVersion> asked =
                    versions.isEmpty()
                            ? reader.versions()
                            : versions.stream().map(AvroVersions::of).toList();
            if (asked.isEmpty()) {
                throw snapshots.none(reader);
            }
            try (StepProgress progress =
                    new StepProgress(
                            spec.commandLine().getErr(), "versions verified", 0, asked.size())) {
                for (io.ebmstream.schemas.avro.ModelVersion version : asked) {
                    Map<String, Object> result = verify(reader, version);
                    whole &= (boolean) result.get("whole");
                    results.add(result);
                    progress.show(results.size(), WatchKind.version(version));
                }
            }
        }
        if (json) {
            out.println(JsonText.of(results));
        } else {
            for (Map<String, Object> result : results) {
                out.printf(
                        Locale.ROOT,
                        (boolean) result.get("whole")
                                ? "%-10s ok       %,d bytes in %d chunks, sha-256 %s%n"
                                : "%-10s %2$s%n",
                        result.get("version"),
                        (boolean) result.get("whole")
                                ? result.get("bytes")
                                : result.get("reason") + ": " + result.get("message"),
                        result.get("chunks"),
                        result.get("sha256"));
            }
        }
        out.flush();
        return whole ? ExitCode.OK : ExitCode.FAILED;
    }

    private static Map<String, Object> verify(
            SnapshotReader reader, io.ebmstream.schemas.avro.ModelVersion version) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("version", WatchKind.version(version));
        try {
            Snapshot snapshot = reader.version(version);
            result.put("whole", true);
            result.put("bytes", snapshot.manifest().getTotalBytes());
            result.put("chunks", snapshot.manifest().getChunkCount());
            result.put("sha256", snapshot.manifest().getSha256());
        } catch (SnapshotException e) {
            result.put("whole", false);
            result.put("reason", e.reason().name().toLowerCase(Locale.ROOT));
            result.put("message", e.getMessage());
        }
        return result;
    }
}
