package io.ebmstream.job.cli;

import io.ebmstream.job.snapshot.SnapshotDiff;
import io.ebmstream.job.snapshot.SnapshotDiff.TensorDiff;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm snapshots diff}: how far two versions lie apart. */
@Command(
        name = "diff",
        description = {
            "Compare two versions: for each tensor the norms, the norm of the difference, the"
                    + " cosine and the largest difference of a weight; and what their settings,"
                    + " software and device say differently.",
            "Ends with 0 whether they differ or not."
        })
final class SnapshotsDiffCommand implements Callable<Integer> {
    private static final int LONGEST_VALUE = 60;

    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshots;

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            converter = VersionConverter.class,
            description = "The first version, for example 0.3.")
    private ModelVersion from;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TO",
            converter = VersionConverter.class,
            description = "The second. Without: the highest whole one.")
    private ModelVersion to;

    @Option(names = "--json", description = "One JSON object in place of the tables.")
    private boolean json;

    @Override
    public Integer call() throws SnapshotException, InterruptedException {
        Snapshot before;
        Snapshot after;
        try (SnapshotReader reader = snapshots.open()) {
            before = snapshots.read(reader, from);
            after = snapshots.read(reader, to);
        }
        SnapshotDiff diff = SnapshotDiff.of(before, after);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(tree(before, after, diff)));
        } else {
            print(out, before, after, diff);
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void print(PrintWriter out, Snapshot before, Snapshot after, SnapshotDiff diff) {
        out.printf(
                Locale.ROOT,
                "%s %s (%,d updates) -> %s (%,d updates)%n",
                before.model(),
                WatchKind.version(before.version()),
                before.manifest().getProvenance().getUpdateCount(),
                WatchKind.version(after.version()),
                after.manifest().getProvenance().getUpdateCount());
        String row = "%-28s %12s %11s %11s %11s %9s %10s %11s%n";
        out.printf(
                Locale.ROOT,
                row,
                "tensor",
                "values",
                "norm",
                "then",
                "difference",
                "relative",
                "cosine",
                "largest");
        for (TensorDiff tensor : diff.tensors()) {
            out.printf(
                    Locale.ROOT,
                    row,
                    tensor.tensor(),
                    String.format(Locale.ROOT, "%,d", tensor.values()),
                    number("%.5g", tensor.before()),
                    number("%.5g", tensor.after()),
                    number("%.5g", tensor.difference()),
                    number("%.4f", tensor.relative()),
                    number("%.6f", tensor.cosine()),
                    number("%.4g", tensor.largest()));
        }
        diff.only().forEach((name, shapes) -> out.println("not in both: " + name + " " + shapes));
        diff.settings()
                .forEach(
                        (key, change) ->
                                out.printf(
                                        Locale.ROOT,
                                        "%s: %s -> %s%n",
                                        key,
                                        cut(change.before()),
                                        cut(change.after())));
        if (diff.settings().isEmpty()) {
            out.println("settings, software and device are the same");
        }
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
    }

    /** A network as JSON is longer than anybody reads. */
    private static String cut(String value) {
        if (value.isEmpty()) {
            return "(none)";
        }
        return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + " ..";
    }

    private static Map<String, Object> tree(Snapshot before, Snapshot after, SnapshotDiff diff) {
        List<Map<String, Object>> tensors = new ArrayList<>();
        for (TensorDiff tensor : diff.tensors()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("tensor", tensor.tensor());
            one.put("values", tensor.values());
            one.put("norm_from", tensor.before());
            one.put("norm_to", tensor.after());
            one.put("difference", tensor.difference());
            one.put("relative", JsonText.number(tensor.relative()));
            one.put("cosine", JsonText.number(tensor.cosine()));
            one.put("largest", tensor.largest());
            tensors.add(one);
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        diff.settings()
                .forEach(
                        (key, change) ->
                                settings.put(key, List.of(change.before(), change.after())));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("from", WatchKind.version(before.version()));
        all.put("to", WatchKind.version(after.version()));
        all.put("tensors", tensors);
        all.put("only_in_one", diff.only());
        all.put("settings", settings);
        return all;
    }
}
