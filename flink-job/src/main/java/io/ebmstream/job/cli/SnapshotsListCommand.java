package io.ebmstream.job.cli;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm snapshots list}: every version of a model. */
@Command(
        name = "list",
        description = {
            "List the versions of a model that are in Kafka, lowest first.",
            "Manifests are read, chunks are not: see 'ebm snapshots verify'."
        })
final class SnapshotsListCommand implements Callable<Integer> {
    private static final String ROW = "%-10s %-10s %-20s %10s %12s %-16s %14s %6s  %s%n";

    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshots;

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "0",
            description = "Only so many of the highest versions; 0 is all.")
    private int last;

    @Option(names = "--json", description = "A JSON array of objects in place of the table.")
    private boolean json;

    @Override
    public Integer call() throws SnapshotException, InterruptedException {
        if (last < 0) {
            throw new UsageException("--last: expected at least 0, found " + last);
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        try (SnapshotReader reader = snapshots.open()) {
            List<ModelVersion> versions = reader.versions();
            if (versions.isEmpty() && !json) {
                throw snapshots.none(reader);
            }
            int from = last == 0 ? 0 : Math.max(0, versions.size() - last);
            for (ModelVersion version : versions.subList(from, versions.size())) {
                rows.add(row(reader, version));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(rows));
        } else {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    "version",
                    "parent",
                    "event time",
                    "updates",
                    "images",
                    "network",
                    "bytes",
                    "chunks",
                    "sha-256");
            rows.forEach(row -> line(out, row));
        }
        out.flush();
        return ExitCode.OK;
    }

    private static Map<String, Object> row(SnapshotReader reader, ModelVersion version) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("version", WatchKind.version(version));
        try {
            SnapshotManifest m = reader.manifest(version);
            row.put("parent", m.getParent() == null ? null : WatchKind.version(m.getParent()));
            row.put("event_time", m.getEventTime());
            row.put("updates", m.getProvenance().getUpdateCount());
            row.put("images", m.getProvenance().getImagesSeen());
            row.put("network", network(m.getNetwork()));
            row.put("bytes", m.getTotalBytes());
            row.put("chunks", m.getChunkCount());
            row.put("sha256", m.getSha256());
        } catch (SnapshotException e) {
            row.put("error", e.getMessage());
        }
        return row;
    }

    /** Name of a network that this release knows. */
    static String network(String json) {
        try {
            return Network.fromJson(json).name();
        } catch (IllegalArgumentException e) {
            return "unknown";
        }
    }

    private static void line(PrintWriter out, Map<String, Object> row) {
        if (row.containsKey("error")) {
            out.printf(Locale.ROOT, "%-10s %s%n", row.get("version"), row.get("error"));
            return;
        }
        out.printf(
                Locale.ROOT,
                ROW,
                row.get("version"),
                row.get("parent") == null ? "-" : row.get("parent"),
                time((long) row.get("event_time")),
                String.format(Locale.ROOT, "%,d", row.get("updates")),
                String.format(Locale.ROOT, "%,d", row.get("images")),
                row.get("network"),
                String.format(Locale.ROOT, "%,d", row.get("bytes")),
                row.get("chunks"),
                row.get("sha256").toString().substring(0, 12));
    }

    /** An event time for people, to the second. */
    static String time(long millis) {
        return millis == 0 ? "-" : Instant.ofEpochSecond(millis / 1000).toString();
    }
}
