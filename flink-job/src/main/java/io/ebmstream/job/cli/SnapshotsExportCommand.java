package io.ebmstream.job.cli;

import io.ebmstream.job.snapshot.ManifestJson;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.ops.diagnostics.ChainRun;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** {@code ebm snapshots export}: a version as files for other tools. */
@Command(
        name = "export",
        description = {
            "Write a version as files: model.safetensors, which every command that takes --model"
                    + " or --initial-snapshot reads, manifest.json with its provenance, and"
                    + " chains.png if the job put a picture of its chains in.",
            "--grid draws a picture of new chains that begin as uniform noise."
        })
final class SnapshotsExportCommand implements Callable<Integer> {
    private static final String CHAINS = "chains.png";
    private static final int SCALE = 2;
    private static final int SHOWN_EVERY = 10;

    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshots;
    @Mixin private ComputeOptions compute;

    @Parameters(
            arity = "0..1",
            paramLabel = "VERSION",
            converter = VersionConverter.class,
            description = "The version, for example 0.12. Without: the highest whole one.")
    private ModelVersion version;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of the files; those of the same names are replaced.")
    private Path out;

    @Option(
            names = "--grid",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "Draw new chains of the model as a PNG file.")
    private Path grid;

    @Option(
            names = "--grid-chains",
            paramLabel = "N",
            defaultValue = "64",
            description = "Chains in the picture.")
    private int chains;

    @Option(
            names = "--grid-steps",
            paramLabel = "K",
            defaultValue = "500",
            description = "Langevin steps of each, with the learner's dynamics.")
    private int steps;

    @Option(
            names = "--grid-seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of their noise.")
    private long seed;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads that compute the picture.")
    private int workers;

    @Option(names = "--json", description = "One JSON object in place of the lines.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (chains < 1 || steps < 0) {
            throw new UsageException(
                    "expected --grid-chains of at least 1 and --grid-steps of at least 0, found "
                            + chains
                            + " and "
                            + steps);
        }
        Snapshot snapshot;
        try (SnapshotReader reader = snapshots.open()) {
            snapshot = snapshots.read(reader, version);
        }
        ModelFile model;
        try {
            model = SnapshotModels.of(snapshot);
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot export " + snapshot + ": " + e.getMessage(), e);
        }
        List<Path> files = new ArrayList<>();
        files.add(model.write(out.resolve(ModelFile.NAME)));
        Path manifest = out.resolve(ManifestJson.NAME);
        String text = JsonText.of(ManifestJson.of(snapshot.manifest())) + "\n";
        WholeFile.replace(manifest, text.getBytes(StandardCharsets.UTF_8));
        files.add(manifest);
        ByteBuffer picture = snapshot.manifest().getSampleGridPng();
        if (picture != null) {
            byte[] png = new byte[picture.remaining()];
            picture.duplicate().get(png);
            WholeFile.replace(out.resolve(CHAINS), png);
            files.add(out.resolve(CHAINS));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", snapshot.model());
        result.put("version", WatchKind.version(snapshot.version()));
        result.put("updates", snapshot.manifest().getProvenance().getUpdateCount());
        result.put("sha256", snapshot.manifest().getSha256());
        if (grid != null) {
            result.put("grid", draw(model));
            files.add(grid);
        }
        result.put("files", files.stream().map(Path::toString).toList());
        report(result, files);
        return ExitCode.OK;
    }

    private void report(Map<String, Object> result, List<Path> files) {
        PrintWriter lines = spec.commandLine().getOut();
        if (json) {
            lines.println(JsonText.of(result));
        } else {
            lines.printf(
                    Locale.ROOT,
                    "%s %s, %,d updates, verified: sha-256 %s%n",
                    result.get("model"),
                    result.get("version"),
                    result.get("updates"),
                    result.get("sha256"));
            files.forEach(lines::println);
        }
        lines.flush();
    }

    /** Runs chains from noise; returns what they were, for provenance. */
    private Map<String, Object> draw(ModelFile model) throws IOException {
        try (ModelChains chainsOf = new ModelChains(model, out, compute.resolve(), workers);
                ChainRun run =
                        chainsOf.begin(
                                ModelChains.Start.NOISE,
                                chains,
                                List.of(),
                                model.langevin(),
                                seed);
                StepProgress progress =
                        new StepProgress(
                                spec.commandLine().getErr(), "steps of chains", 0, steps)) {
            double before = mean(run.energies());
            while (run.steps() < steps) {
                run.advance((int) Math.min(SHOWN_EVERY, steps - run.steps()));
                progress.show(
                        run.steps(), String.format(Locale.ROOT, "r %.4f", run.displacement()));
            }
            if (!run.finite()) {
                throw new IllegalStateException(
                        "expected chains of finite pixels after "
                                + steps
                                + " steps, found others; this version cannot be sampled from");
            }
            Path folder = grid.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            ImageGrid.square(
                            SCALE,
                            run.images().stream()
                                    .map(pixels -> new Image(run.shape(), pixels))
                                    .toList())
                    .write(grid);
            Map<String, Object> drawn = new LinkedHashMap<>();
            drawn.put("chains", chains);
            drawn.put("steps", steps);
            drawn.put("seed", seed);
            drawn.put("mean_energy_first", JsonText.number(before));
            drawn.put("mean_energy_last", JsonText.number(mean(run.energies())));
            return drawn;
        }
    }

    private static double mean(double[] energies) {
        double sum = 0;
        for (double energy : energies) {
            sum += energy;
        }
        return sum / energies.length;
    }
}
