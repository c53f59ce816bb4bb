package io.ebmstream.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.diagnostics.BankAges;
import io.ebmstream.ops.diagnostics.ChainRun;
import io.ebmstream.ops.diagnostics.LongRunProbe;
import io.ebmstream.ops.diagnostics.Mixing;
import io.ebmstream.ops.diagnostics.MixingReport;
import io.ebmstream.ops.diagnostics.ProbeReport;
import io.ebmstream.ops.diagnostics.Projections;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.plot.ChartImage;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.quality.QualityEvaluation;
import io.ebmstream.ops.quality.ReferenceMmd;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm probe}: whether a model's long chains keep their quality. */
@Command(
        name = "probe",
        description = {
            "Run a model's chains far beyond its training's steps and measure on the way how far"
                    + " they are from held-out images; then whether short chains forget where they"
                    + " started (nested R-hat, effective sample size) and how old the bank is.",
            "The folder gets probe.json, probe.csv, probe.png and the chains as pictures. Ctrl-C"
                    + " leaves the chains; the same command goes on with them."
        })
final class ProbeCommand implements Callable<Integer> {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final int STEPS_AT_ONCE = 25;
    private static final long SAVE_NANOS = 60_000_000_000L;
    private static final int PICTURED = 64;
    private static final long PROJECTION_SEED = 41;

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private JsonOption json;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "The model: its folder or file.")
    private Path model;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "Held-out images, three times --chains of them.")
    private Path images;

    @Option(
            names = "--from",
            paramLabel = "START",
            split = ",",
            defaultValue = "data",
            description = "Where chains begin: data, noise, bank; several with commas.")
    private List<ModelChains.Start> from;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Steps of the long run.")
    private long steps;

    @Option(
            names = "--short",
            paramLabel = "K",
            showDefaultValue = Visibility.NEVER,
            description = "Steps of the short run. Without: those of training.")
    private Integer shortRun;

    @Option(
            names = "--chains",
            paramLabel = "N",
            defaultValue = "256",
            description = "Chains from each start.")
    private int chains;

    @Option(
            names = "--temperature-factor",
            paramLabel = "F",
            defaultValue = "1",
            description =
                    "Multiplies the variance of the chains' noise at the same drift; the papers"
                            + " sample at 1.005.")
    private double factor;

    @Option(
            names = "--superchains",
            paramLabel = "K",
            defaultValue = "16",
            description = "Groups of chains with one start, for nested R-hat; 0 leaves it out.")
    private int superchains;

    @Option(
            names = "--per-superchain",
            paramLabel = "M",
            defaultValue = "8",
            description = "Chains in a group.")
    private int perSuperchain;

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "20",
            description = "Draws of each of these chains, after the short run's steps.")
    private int draws;

    @Option(
            names = "--thinning",
            paramLabel = "N",
            defaultValue = "10",
            description = "Steps between two draws.")
    private int thinning;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of the chains' noise.")
    private long seed;

    @Option(
            names = "--workers",
            paramLabel = "W",
            defaultValue = "1",
            description = "Threads that compute; the result is the same.")
    private int workers;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    /** What an interrupted probe goes on from, beside the chains. */
    private record Progress(String settings, List<ProbeReport.Point> points) {}

    @Override
    public Integer call() throws IOException {
        ModelFile file = ModelArgument.read("--model", model);
        int shortSteps = shortRun == null ? file.steps() : shortRun;
        List<Long> schedule;
        try {
            schedule = LongRunProbe.schedule(shortSteps, steps);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--steps: " + e.getMessage(), e);
        }
        if (chains < 2 * QualityEvaluation.DEFAULT_BLOCK
                || !(factor > 0)
                || superchains != 0 && (superchains < 2 || perSuperchain < 2 || draws < 4)
                || thinning < 1) {
            throw new UsageException(
                    "expected --chains of at least "
                            + 2 * QualityEvaluation.DEFAULT_BLOCK
                            + ", --temperature-factor above 0, --superchains 0 or at least 2 with"
                            + " --per-superchain of at least 2 and --draws of at least 4, and"
                            + " --thinning of at least 1");
        }
        ImageShape shape = file.energy().spec().image();
        ImageDataset real = HeldOutImages.open("--images", images, 0, shape);
        List<byte[]> held = HeldOutImages.pixels("--images", real, 0, chains);
        List<byte[]> others = HeldOutImages.pixels("--images", real, chains, chains);
        List<byte[]> starts = HeldOutImages.pixels("--images", real, 2 * chains, chains);
        Executors.Choice choice = compute.resolve();
        Files.createDirectories(out);
        try (ModelChains run = new ModelChains(file, model, choice, workers);
                ReferenceMmd mmd =
                        new ReferenceMmd(
                                shape, choice.executor(), held, QualityEvaluation.DEFAULT_BLOCK);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            LongRunProbe probe = new LongRunProbe(mmd, shape, others, real.name());
            List<ProbeReport.Curve> curves = new ArrayList<>();
            for (ModelChains.Start start : from) {
                curves.add(curve(run, probe, file, choice, start, starts, schedule));
                if (stopped.get()) {
                    spec.commandLine().getErr().println("stopped; the same command goes on");
                    return interrupts.exitCode(ExitCode.FAILED);
                }
            }
            MixingReport mixing = superchains == 0 ? null : mixing(run, file, starts, shortSteps);
            if (stopped.get()) {
                return interrupts.exitCode(ExitCode.FAILED);
            }
            finish(file, probe.report(curves), mixing, run.ages(), choice);
            return ExitCode.OK;
        }
    }

    /** (eps, T, tau) with eps^2 and T, tau^2 alike larger: same drift, more noise. */
    private LangevinConfig dynamics(ModelFile file) {
        LangevinConfig langevin = file.langevin();
        double root = Math.sqrt(factor);
        return factor == 1
                ? langevin
                : new LangevinConfig(
                        langevin.stepSize() * root,
                        langevin.temperature() * factor,
                        langevin.tau() * root,
                        langevin.maxLangevinNorm());
    }

    private ProbeReport.Curve curve(
            ModelChains chainsOf,
            LongRunProbe probe,
            ModelFile file,
            Executors.Choice choice,
            ModelChains.Start start,
            List<byte[]> starts,
            List<Long> schedule)
            throws IOException {
        String name = start.name().toLowerCase(Locale.ROOT);
        Path progressFile = out.resolve("progress-" + name + ".json");
        Path stateFile = out.resolve("chains-" + name + ".bin");
        String settings =
                String.join(
                        " ",
                        file.hash(),
                        dynamics(file).toString(),
                        "chains " + chains,
                        "short " + schedule.get(0),
                        "seed " + seed,
                        choice.executor().name(),
                        choice.precision().label(),
                        images.getFileName().toString());
        List<ProbeReport.Point> points = new ArrayList<>();
        try (ChainRun run = chainsOf.begin(start, chains, starts, dynamics(file), seed)) {
            if (Files.exists(progressFile)) {
                Progress kept = JSON.readValue(progressFile.toFile(), Progress.class);
                if (!kept.settings().equals(settings)) {
                    throw new UsageException(
                            "expected the probe that "
                                    + out
                                    + " holds, "
                                    + kept.settings()
                                    + ", found "
                                    + settings
                                    + "; give another --out");
                }
                points.addAll(kept.points());
                run.restore(Files.readAllBytes(stateFile));
            }
            follow(run, probe, schedule, points, name, () -> save(run, points, settings, name));
            save(run, points, settings, name);
            picture(run, name);
            return new ProbeReport.Curve(name, points);
        }
    }

    /** Writes something; may fail as files do. */
    @FunctionalInterface
    private interface Saving {
        void save() throws IOException;
    }

    private void follow(
            ChainRun run,
            LongRunProbe probe,
            List<Long> schedule,
            List<ProbeReport.Point> points,
            String name,
            Saving saving)
            throws IOException {
        long measured = points.isEmpty() ? 0 : points.get(points.size() - 1).steps();
        long last = System.nanoTime();
        try (StepProgress progress =
                new StepProgress(
                        spec.commandLine().getErr(), "steps from " + name, run.steps(), steps)) {
            for (long next : schedule) {
                while (run.steps() < next && !stopped.get()) {
                    run.advance((int) Math.min(STEPS_AT_ONCE, next - run.steps()));
                    progress.show(
                            run.steps(), String.format(Locale.ROOT, "r %.4f", run.displacement()));
                    if (System.nanoTime() - last > SAVE_NANOS) {
                        saving.save();
                        last = System.nanoTime();
                    }
                }
                if (run.steps() == next && next > measured) {
                    ProbeReport.Point point = probe.measure(run);
                    points.add(point);
                    spec.commandLine()
                            .getErr()
                            .printf(
                                    "from %s, %d steps: MMD^2 %s%n",
                                    name, next, interval(point.mmd()));
                    saving.save();
                }
            }
        }
    }

    /** Chains first: progress that is behind them only measures again. */
    private void save(ChainRun run, List<ProbeReport.Point> points, String settings, String name)
            throws IOException {
        WholeFile.replace(out.resolve("chains-" + name + ".bin"), run.state());
        WholeFile.replace(
                out.resolve("progress-" + name + ".json"),
                JSON.writeValueAsBytes(new Progress(settings, List.copyOf(points))));
    }

    private void picture(ChainRun run, String name) throws IOException {
        if (run.finite()) {
            List<Image> shown =
                    run.images().stream()
                            .limit(PICTURED)
                            .map(pixels -> new Image(run.shape(), pixels))
                            .toList();
            ImageGrid.square(2, shown)
                    .write(out.resolve("chains-" + name + "-" + run.steps() + ".png"));
        }
    }

    private MixingReport mixing(
            ModelChains chainsOf, ModelFile file, List<byte[]> starts, int burnIn) {
        List<float[]> points = starts.stream().limit(superchains).map(ModelChains::pixels).toList();
        Projections projections =
                new Projections(file.energy().spec().image().size(), 4, PROJECTION_SEED);
        long total = burnIn + (long) (draws - 1) * thinning;
        try (ChainRun run =
                        chainsOf.run(
                                Mixing.starts(points, perSuperchain), dynamics(file), seed + 1);
                StepProgress progress =
                        new StepProgress(
                                spec.commandLine().getErr(), "steps of superchains", 0, total)) {
            return new Mixing(superchains, perSuperchain, projections)
                    .measure(
                            run,
                            burnIn,
                            draws,
                            thinning,
                            done -> progress.show(done, ""),
                            stopped::get);
        }
    }

    private void finish(
            ModelFile file,
            ProbeReport report,
            MixingReport mixing,
            BankAges ages,
            Executors.Choice choice)
            throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("model", file.hash());
        all.put("updates", file.updates());
        all.put("dynamics", dynamics(file));
        all.put("chains", chains);
        all.put("executor", choice.executor().name() + "/" + choice.precision().label());
        all.put("long_run", report);
        all.put("mixing", mixing);
        all.put("bank_ages", ages);
        JSON.writeValue(out.resolve("probe.json").toFile(), all);
        List<String> rows = new ArrayList<>(List.of("start,steps,mmd,low,high,energy,r"));
        for (ProbeReport.Curve curve : report.curves()) {
            for (ProbeReport.Point point : curve.points()) {
                rows.add(
                        Arrays.stream(
                                        new double[] {
                                            point.mmd().value(),
                                            point.mmd().low(),
                                            point.mmd().high(),
                                            point.energy(),
                                            point.displacement()
                                        })
                                .mapToObj(Double::toString)
                                .collect(
                                        Collectors.joining(
                                                ",",
                                                curve.start() + "," + point.steps() + ",",
                                                "")));
            }
        }
        Files.write(out.resolve("probe.csv"), rows);
        ChartImage.write(out.resolve("probe.png"), LongRunProbe.charts(report));
        json.print(spec, all, table -> print(table, report, mixing, ages));
    }

    private void print(PrintWriter table, ProbeReport report, MixingReport mixing, BankAges ages) {
        table.printf(
                "MMD^2 of %d chains to %s; other real images %s, noise %s%n",
                chains,
                report.held(),
                interval(report.realAgainstReal()),
                interval(report.realAgainstNoise()));
        for (ProbeReport.Curve curve : report.curves()) {
            for (ProbeReport.Point point : curve.points()) {
                table.printf(
                        Locale.ROOT,
                        "from %-6s %8d steps  %-30s U/T %.1f  r %.4f%n",
                        curve.start(),
                        point.steps(),
                        interval(point.mmd()),
                        point.energy(),
                        point.displacement());
            }
        }
        if (mixing != null) {
            table.printf(
                    "%d superchains of %d chains, %d draws every %d steps after %d:%n",
                    mixing.superchains(),
                    mixing.chains(),
                    mixing.draws(),
                    mixing.thinning(),
                    mixing.burnIn());
            for (MixingReport.Quantity quantity : mixing.quantities()) {
                table.printf(
                        Locale.ROOT,
                        "  %-14s nested R-hat %.3f (%s %.3f)  ESS %.1f, of a chain %.1f%n",
                        quantity.name(),
                        quantity.rhat(),
                        quantity.converged() ? "within" : "above",
                        quantity.bound(),
                        quantity.ess(),
                        quantity.essPerChain());
            }
        }
        if (ages != null) {
            table.printf(
                    "bank: %d of %d places hold a chain; updates since its start: median %d,"
                            + " quartiles %d and %d, oldest %d; median steps of a place %d%n",
                    ages.started(),
                    ages.slots(),
                    ages.median(),
                    ages.lower(),
                    ages.upper(),
                    ages.oldest(),
                    ages.medianSteps());
        }
        table.println("verdict: " + report.verdict());
    }

    private static String interval(Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%.4g [%.4g, %.4g]",
                estimate.value(),
                estimate.low(),
                estimate.high());
    }
}
