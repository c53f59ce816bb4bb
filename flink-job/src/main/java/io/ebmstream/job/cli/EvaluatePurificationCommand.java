package io.ebmstream.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebmstream.ops.attack.AttackOutcome;
import io.ebmstream.ops.attack.BpdaGradient;
import io.ebmstream.ops.attack.Occasion;
import io.ebmstream.ops.attack.Pgd;
import io.ebmstream.ops.attack.Trial;
import io.ebmstream.ops.attack.TrialImages;
import io.ebmstream.ops.attack.TrialLog;
import io.ebmstream.ops.attack.TrialResult;
import io.ebmstream.ops.attack.Trials;
import io.ebmstream.ops.attack.Verdict;
import io.ebmstream.ops.classifier.ClassifierTraining;
import io.ebmstream.ops.classifier.Proportion;
import io.ebmstream.ops.defense.EarlyStop;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.ParallelPurifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.StopRule;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.plot.Chart;
import io.ebmstream.ops.plot.ChartImage;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm evaluate purification}: the cheapest defense among equals. */
@Command(
        name = "purification",
        description =
                "Search the cheapest purification: every combination of the grids is attacked, and"
                        + " of those whose robust accuracy lies within the best one's 95 %% interval"
                        + " the one with the fewest steps is named. Use images that are not those"
                        + " of the report (--offset). Verdicts are kept: run it again to go on.")
final class EvaluatePurificationCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DefenseOptions options;
    @Mixin private JsonOption json;

    @Option(
            names = "--grid-eps",
            paramLabel = "EPS",
            split = ",",
            required = true,
            description = "Langevin step sizes to try.")
    private List<Double> stepSizes;

    @Option(
            names = "--grid-steps",
            paramLabel = "K",
            split = ",",
            required = true,
            description = "Numbers of Langevin steps to try.")
    private List<Integer> counts;

    @Option(
            names = "--grid-heat",
            paramLabel = "F",
            split = ",",
            defaultValue = "1",
            description =
                    "Temperatures to try, in parts of the one that keeps the drift eps^2/2T of the"
                            + " model's training; below 1 drifts faster.")
    private List<Double> heats;

    @Option(
            names = "--grid-stop",
            paramLabel = "Q",
            split = ",",
            defaultValue = "0",
            description =
                    "Early stops to try: quantiles of the energies that purified images have after"
                            + " all K steps; 0 is no early stop.")
    private List<Double> quantiles;

    @Option(
            names = "--attack",
            paramLabel = "NAME",
            defaultValue = "transfer",
            description = "What robust accuracy is measured by: transfer (fast) or bpda.")
    private String attack;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of search.json, search.csv, search.png and verdicts.csv.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    /** One combination and what it is worth. */
    private record Point(
            PurifierConfig config, double quantile, TrialResult natural, TrialResult robust) {
        double cost() {
            return robust.meanSteps();
        }
    }

    @Override
    public Integer call() throws IOException {
        if (!attack.equals("transfer") && !attack.equals("bpda")) {
            throw new UsageException("--attack: expected transfer or bpda, found " + attack);
        }
        if (quantiles.stream().anyMatch(q -> !(q >= 0 && q <= 1))) {
            throw new UsageException("--grid-stop: expected 0 to 1, found " + quantiles);
        }
        ModelFile model = options.model();
        ImageDataset data = options.images(model.energy().network().input());
        Files.createDirectories(out);
        List<Point> points = new ArrayList<>();
        try (Defenses defenses = new Defenses(options, model);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            ClassifierTraining.checkLabels(
                    data, defenses.classifier().input(), defenses.classifier().classes());
            TrialImages images =
                    TrialImages.of(data, options.offset(), options.count(), options.seed());
            TrialLog log = new TrialLog(out.resolve("verdicts.csv"), settings(model, defenses));
            // made once: they know nothing of the defense
            TrialImages attacked = attack.equals("transfer") ? transferred(defenses, images) : null;
            for (double eps : stepSizes) {
                for (double heat : heats) {
                    for (int k : counts) {
                        if (!runs(model, defenses, eps, heat, k, images, attacked, log, points)) {
                            return interrupts.exitCode(ExitCode.INTERRUPTED);
                        }
                    }
                }
            }
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
        report(points);
        return ExitCode.OK;
    }

    /** What shapes verdicts beside the point of the grid. */
    private String settings(ModelFile model, Defenses defenses) throws IOException {
        return String.join(
                " ",
                "model " + model.hash(),
                "classifier " + defenses.hash(),
                options.eotAttack(false).toString(),
                options.mean().label(),
                "seed " + options.seed(),
                "precision "
                        + options.compute().resolve().precision().label()
                        + (options.voteStop() == null ? "" : " " + options.voteStop()));
    }

    /** All early stops of one (eps, T, K); false if it was ended. */
    private boolean runs(
            ModelFile model,
            Defenses defenses,
            double eps,
            double heat,
            int k,
            TrialImages images,
            TrialImages attacked,
            TrialLog log,
            List<Point> points)
            throws IOException {
        double drifts = options.purifier(model, eps, null, k).langevin().temperature();
        PurifierConfig plain = options.purifier(model, eps, heat * drifts, k);
        double[] energies = null;
        for (double quantile : quantiles) {
            EarlyStop stop = null;
            if (quantile > 0) {
                energies = energies == null ? energies(defenses, plain, images) : energies;
                stop = options.earlyStop(StopRule.quantile(energies, quantile));
            }
            PurifierConfig config = plain.withEarlyStop(stop);
            String name =
                    String.format(Locale.ROOT, "eps%s-heat%s-K%d-stop%s", eps, heat, k, quantile);
            try (Defenses.Lent lent = defenses.lend(config)) {
                Eot eot = lent.eot();
                Trial natural = Trials.purified(eot, options.replicates(), 1);
                TrialResult first = result(name + ":purified", natural, images, log);
                if (first == null) {
                    return false;
                }
                TrialResult second =
                        attacked != null
                                ? result(name + ":transfer", natural, attacked, log)
                                : result(name + ":bpda", bpda(eot, defenses), images, log);
                if (second == null) {
                    return false;
                }
                points.add(new Point(config, quantile, first, second));
                tell(name, first, second);
            }
        }
        return true;
    }

    private Trial bpda(Eot eot, Defenses defenses) {
        return Trials.attacked(
                attack,
                eot,
                new BpdaGradient(eot, defenses.gradients()),
                options.eotAttack(false),
                1);
    }

    /** The images after an attack on the bare classifier. */
    private TrialImages transferred(Defenses defenses, TrialImages images) {
        AttackOutcome outcome =
                new Pgd(defenses.gradients(), options.attack())
                        .attack(images.pixels(), images.labels(), images.ids());
        return new TrialImages(images.first(), outcome.images(), images.labels(), images.ids());
    }

    /** Sorted energies of the images after all K steps. */
    private static double[] energies(Defenses defenses, PurifierConfig config, TrialImages images) {
        try (Defenses.Lent lent = defenses.lend(config)) {
            int[] of = new int[images.count()];
            Arrays.setAll(of, i -> i);
            float[] ends = new float[images.pixels().length];
            ParallelPurifier purifier = lent.purifier();
            purifier.purify(
                    images.pixels(), of, Occasion.SUBMISSION.ids(images.ids(), 0), ends, null);
            double[] energies = purifier.energies(ends);
            Arrays.sort(energies);
            return energies;
        }
    }

    private TrialResult result(String name, Trial trial, TrialImages images, TrialLog log)
            throws IOException {
        if (!log.has(name, images.first(), images.count())) {
            List<Verdict> verdicts = trial.run(images, (step, standing) -> !stopped.get());
            if (verdicts == null) {
                return null;
            }
            log.add(name, verdicts);
        }
        return new TrialResult(
                name, trial.steps(), 1, log.verdicts(name, images.first(), images.count()));
    }

    private void tell(String name, TrialResult natural, TrialResult robust) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                Locale.ROOT,
                "%s: natural %s, %s %s, mean steps %.1f%n",
                name,
                natural.accuracy(),
                attack,
                robust.accuracy(),
                robust.meanSteps());
        err.flush();
    }

    private void report(List<Point> points) throws IOException {
        Point best =
                points.stream()
                        .max(Comparator.comparingDouble(p -> p.robust().accuracy().value()))
                        .orElseThrow();
        Point cheapest =
                points.stream()
                        .filter(
                                p ->
                                        p.robust().accuracy().value()
                                                >= best.robust().accuracy().low())
                        .min(Comparator.comparingDouble(Point::cost))
                        .orElseThrow();
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = mapper.createObjectNode();
        root.put("attack", attack);
        root.put("offset", options.offset());
        root.put("count", options.count());
        root.set("best", node(mapper, best));
        root.set("cheapest_equal", node(mapper, cheapest));
        ArrayNode all = root.putArray("points");
        StringBuilder csv =
                new StringBuilder(
                        "eps,temperature,steps,stop_quantile,stop_energy,natural,natural_steps,"
                                + "robust,robust_low,robust_high,robust_steps\n");
        for (Point point : points) {
            all.add(node(mapper, point));
            EarlyStop stop = point.config().earlyStop();
            csv.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%s,%d,%s,%s,%.4f,%.1f,%.4f,%.4f,%.4f,%.1f%n",
                            point.config().langevin().stepSize(),
                            point.config().langevin().temperature(),
                            point.config().steps(),
                            point.quantile(),
                            stop == null ? "" : stop.level(),
                            point.natural().accuracy().value(),
                            point.natural().meanSteps(),
                            point.robust().accuracy().value(),
                            point.robust().accuracy().low(),
                            point.robust().accuracy().high(),
                            point.cost()));
        }
        mapper.writeValue(out.resolve("search.json").toFile(), root);
        Files.writeString(out.resolve("search.csv"), csv);
        chart(points);
        json.print(
                spec,
                root,
                table ->
                        table.printf(
                                "best     %s%ncheapest %s%n%s%n",
                                text(best), text(cheapest), out.resolve("search.json")));
    }

    private String text(Point point) {
        EarlyStop stop = point.config().earlyStop();
        return String.format(
                Locale.ROOT,
                "--eps %s --temperature %s --steps %d%s: natural %s, %s %s, mean steps %.1f",
                point.config().langevin().stepSize(),
                point.config().langevin().temperature(),
                point.config().steps(),
                stop == null
                        ? ""
                        : " --stop-energy "
                                + stop.level()
                                + " --stop-first "
                                + stop.first()
                                + " --stop-every "
                                + stop.every(),
                point.natural().accuracy(),
                attack,
                point.robust().accuracy(),
                point.cost());
    }

    private static ObjectNode node(ObjectMapper mapper, Point point) {
        ObjectNode node = mapper.createObjectNode();
        node.put("eps", point.config().langevin().stepSize());
        node.put("temperature", point.config().langevin().temperature());
        node.put("steps", point.config().steps());
        node.put("stop_quantile", point.quantile());
        EarlyStop stop = point.config().earlyStop();
        if (stop != null) {
            node.put("stop_energy", stop.level());
            node.put("stop_first", stop.first());
            node.put("stop_every", stop.every());
        }
        put(node, "natural", point.natural());
        put(node, "robust", point.robust());
        return node;
    }

    private static void put(ObjectNode node, String name, TrialResult result) {
        Proportion share = result.accuracy();
        ObjectNode values = node.putObject(name);
        values.put("value", share.value());
        values.put("low", share.low());
        values.put("high", share.high());
        values.put("mean_steps", result.meanSteps());
    }

    private void chart(List<Point> points) throws IOException {
        int n = points.size();
        double[][] values = new double[4][n];
        List<Point> sorted =
                points.stream().sorted(Comparator.comparingDouble(Point::cost)).toList();
        for (int i = 0; i < n; i++) {
            Point point = sorted.get(i);
            values[0][i] = point.cost();
            values[1][i] = point.robust().accuracy().value();
            values[2][i] = point.natural().meanSteps();
            values[3][i] = point.natural().accuracy().value();
        }
        ChartImage.write(
                out.resolve("search.png"),
                new Chart(options.title(), "mean Langevin steps", "accuracy")
                        .yRange(0, 1)
                        .points(attack, values[0], values[1])
                        .points("natural", values[2], values[3]));
    }
}
