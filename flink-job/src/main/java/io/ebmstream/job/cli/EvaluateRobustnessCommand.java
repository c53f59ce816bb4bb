package io.ebmstream.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebmstream.ops.attack.AttackConfig;
import io.ebmstream.ops.attack.BpdaGradient;
import io.ebmstream.ops.attack.EotAttackConfig;
import io.ebmstream.ops.attack.Trial;
import io.ebmstream.ops.attack.TrialImages;
import io.ebmstream.ops.attack.TrialLog;
import io.ebmstream.ops.attack.TrialResult;
import io.ebmstream.ops.attack.Trials;
import io.ebmstream.ops.attack.UnrolledGradient;
import io.ebmstream.ops.attack.Verdict;
import io.ebmstream.ops.classifier.ClassifierTraining;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm evaluate robustness}: what a defense is worth under attack. */
@Command(
        name = "robustness",
        description =
                "Attack a classifier and the same classifier behind a purifier, and say how many"
                        + " images stand. Verdicts are kept in the folder image by image: run it"
                        + " again to go on, or with more images or attacks.")
final class EvaluateRobustnessCommand implements Callable<Integer> {
    private static final List<String> NAMES =
            List.of(
                    "bare",
                    "purified",
                    "pgd",
                    "transfer",
                    "bpda",
                    "bpda-fixed",
                    "exact",
                    "exact-bpda",
                    "bare-square",
                    "square");

    @Spec private CommandSpec spec;
    @Mixin private DefenseOptions options;
    @Mixin private JsonOption json;

    @Option(
            names = "--attacks",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "bare,purified,pgd,transfer,bpda",
            description = {
                "What is tried, in this order:",
                "bare: the classifier on images as they are",
                "purified: the defense on images as they are",
                "pgd: projected gradient descent on the bare classifier",
                "transfer: the defense on what pgd made",
                "bpda: BPDA+EOT, noise of its own each time",
                "bpda-fixed: the same with noise that is always the same and known",
                "exact: the gradient through a run of --exact-steps steps",
                "exact-bpda: bpda at --exact-steps steps, to compare",
                "bare-square: the bare classifier under a search by its scores",
                "square: the defense under a search by its scores"
            })
    private List<String> attacks;

    @Option(
            names = "--submissions",
            paramLabel = "N",
            defaultValue = "1",
            description = "How often what stands is submitted, for the worst of N answers.")
    private int submissions;

    @Option(
            names = "--queries",
            paramLabel = "N",
            defaultValue = "300",
            description = "Queries of bare-square and square, of --attack-replicates each.")
    private int queries;

    @Option(
            names = "--exact-steps",
            paramLabel = "K",
            defaultValue = "10",
            description = "Langevin steps of exact and exact-bpda.")
    private int exactSteps;

    @Option(
            names = "--probe",
            paramLabel = "H",
            defaultValue = "0.01",
            converter = Fraction.class,
            description = "Size of the differences that exact takes second derivatives by.")
    private double probe;

    @Option(
            names = "--chunk",
            paramLabel = "N",
            defaultValue = "50",
            description = "Images that are attacked together; verdicts are kept after each chunk.")
    private int chunk;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of report.json, verdicts.csv, curve.csv and curve.png.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    @Override
    public Integer call() throws IOException {
        Set<String> chosen = new LinkedHashSet<>(attacks);
        if (!NAMES.containsAll(chosen) || chunk < 1 || submissions < 1) {
            throw new UsageException(
                    "expected --attacks of "
                            + NAMES
                            + " and --chunk and --submissions of at least 1, found "
                            + attacks
                            + ", "
                            + chunk
                            + " and "
                            + submissions);
        }
        ModelFile model = options.model();
        ImageDataset data = options.images(model.energy().network().input());
        Files.createDirectories(out);
        long begin = System.nanoTime();
        try (Defenses defenses = new Defenses(options, model);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            ClassifierTraining.checkLabels(
                    data, defenses.classifier().input(), defenses.classifier().classes());
            ObjectNode protocol = protocol(model, data, defenses);
            TrialLog log = new TrialLog(out.resolve("verdicts.csv"), protocol.toString());
            List<TrialResult> results = new ArrayList<>();
            boolean whole = true;
            try (Resources resources = new Resources()) {
                List<Trial> trials = trials(model, defenses, chosen, resources);
                whole = run(trials, data, log);
                for (Trial trial : trials) {
                    List<Verdict> verdicts =
                            log.verdicts(trial.name(), options.offset(), options.count());
                    if (!verdicts.isEmpty()) {
                        results.add(
                                new TrialResult(
                                        trial.name(),
                                        trial.steps(),
                                        answers(trial.name()),
                                        verdicts));
                    }
                }
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            ObjectNode report = new ObjectMapper().createObjectNode();
            report.set("protocol", protocol);
            report.put("offset", options.offset());
            report.put("count", options.count());
            report.put("seconds_of_this_run", seconds);
            report.put("image_steps_of_this_run", defenses.imageSteps());
            RobustnessReport.write(out, report, options.title(), results);
            json.print(spec, report, table -> RobustnessReport.print(table, results, out));
            return whole ? ExitCode.OK : interrupts.exitCode(ExitCode.INTERRUPTED);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    /** How often what stands in a trial is submitted. */
    private int answers(String trial) {
        // a classifier and noise that is always the same answer alike each time
        return List.of("bare", "pgd", "bpda-fixed", "bare-square").contains(trial)
                ? 1
                : submissions;
    }

    /** What must be closed after the trials. */
    private static final class Resources implements AutoCloseable {
        private final List<UnrolledGradient> gradients = new ArrayList<>();

        @Override
        public void close() {
            gradients.forEach(UnrolledGradient::close);
        }
    }

    private List<Trial> trials(
            ModelFile model, Defenses defenses, Set<String> chosen, Resources resources) {
        PurifierConfig config = options.purifier(model);
        Eot eot = defenses.eot(config);
        AttackConfig attack = options.attack();
        List<Trial> trials = new ArrayList<>();
        for (String name : NAMES) {
            if (!chosen.contains(name)) {
                continue;
            }
            trials.add(
                    switch (name) {
                        case "bare" -> Trials.bare(eot, defenses.classifier());
                        case "purified" -> Trials.purified(eot, options.replicates(), submissions);
                        case "pgd" -> Trials.pgd(defenses.gradients(), attack);
                        case "transfer" ->
                                Trials.transfer(
                                        eot,
                                        defenses.gradients(),
                                        attack,
                                        options.replicates(),
                                        submissions);
                        case "exact" -> exact(model, defenses, resources);
                        case "exact-bpda" -> {
                            Eot small = defenses.eot(shortRun(model), Precision.FLOAT32);
                            yield bpda(name, small, defenses, false);
                        }
                        case "bare-square" ->
                                Trials.bareSquare(eot, defenses.classifier(), search().attack());
                        case "square" -> Trials.square(eot, search(), submissions);
                        default -> bpda(name, eot, defenses, name.equals("bpda-fixed"));
                    });
        }
        return trials;
    }

    private Trial bpda(String name, Eot eot, Defenses defenses, boolean fixedNoise) {
        return Trials.attacked(
                name,
                eot,
                new BpdaGradient(eot, defenses.gradients()),
                options.eotAttack(fixedNoise),
                answers(name));
    }

    private Trial exact(ModelFile model, Defenses defenses, Resources resources) {
        PurifierConfig config = shortRun(model);
        UnrolledGradient gradient =
                new UnrolledGradient(
                        model.energy().network(),
                        model.energy().weights(),
                        defenses.choice().executor(),
                        config,
                        defenses.gradients(),
                        options.mean(),
                        probe,
                        options.part(),
                        defenses.pool());
        resources.gradients.add(gradient);
        return Trials.attacked(
                "exact",
                defenses.eot(config, Precision.FLOAT32),
                gradient,
                options.eotAttack(false),
                submissions);
    }

    /** With queries for steps. */
    private EotAttackConfig search() {
        EotAttackConfig config = options.eotAttack(false);
        AttackConfig attack = config.attack();
        return new EotAttackConfig(
                new AttackConfig(attack.ball(), queries, attack.randomStart(), attack.seed()),
                config.attackReplicates(),
                config.verifyReplicates(),
                false,
                config.verifyLast());
    }

    private PurifierConfig shortRun(ModelFile model) {
        PurifierConfig config = options.purifier(model);
        return new PurifierConfig(
                config.langevin(), exactSteps, config.seed(), config.energyTemperature());
    }

    /** All that shapes a verdict. */
    private ObjectNode protocol(ModelFile model, ImageDataset data, Defenses defenses)
            throws IOException {
        PurifierConfig purifier = options.purifier(model);
        AttackConfig attack = options.attack();
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put(
                "model",
                model.energy().spec().network() + " width " + model.energy().spec().width());
        node.put("model_sha256", model.hash());
        node.put("classifier", defenses.name());
        node.put("classifier_sha256", defenses.hash());
        if (options.surrogate() != null) {
            node.put("surrogate_sha256", options.surrogate().hash());
        }
        node.put("images", data.name());
        node.put("eps", purifier.langevin().stepSize());
        node.put("temperature", purifier.langevin().temperature());
        node.put("tau", purifier.langevin().tau());
        node.put("max_langevin_norm", purifier.langevin().maxLangevinNorm());
        node.put("steps", purifier.steps());
        if (purifier.earlyStop() != null) {
            node.put("stop_energy", purifier.earlyStop().level());
            node.put("stop_first", purifier.earlyStop().first());
            node.put("stop_every", purifier.earlyStop().every());
        }
        node.put("executor", defenses.choice().executor().name());
        node.put("precision", defenses.choice().precision().label());
        node.put("eot", options.mean().label());
        node.put("replicates", options.replicates());
        if (options.voteStop() != null) {
            node.put("vote_stop_round", options.voteStop().round());
            node.put("vote_stop_margin", options.voteStop().margin());
        }
        node.put("norm", attack.ball().norm().label());
        node.put("radius", attack.ball().radius());
        node.put("attack_step", attack.ball().stepSize());
        node.put("attack_steps", attack.steps());
        node.put("random_start", attack.randomStart());
        node.put("attack_replicates", options.eotAttack(false).attackReplicates());
        node.put("verify_last", options.eotAttack(false).verifyLast());
        node.put("submissions", submissions);
        node.put("queries", queries);
        node.put("exact_steps", exactSteps);
        node.put("probe", probe);
        node.put("seed", options.seed());
        return node;
    }

    private boolean run(List<Trial> trials, ImageDataset data, TrialLog log) throws IOException {
        long total = 0;
        long before = 0;
        for (Trial trial : trials) {
            long units = (long) options.count() * (trial.steps() + 1);
            total += units;
        }
        try (StepProgress progress =
                new StepProgress(
                        spec.commandLine().getErr(), "image-steps of attacks", before, total)) {
            for (Trial trial : trials) {
                for (int done = 0; done < options.count(); done += chunk) {
                    int n = Math.min(chunk, options.count() - done);
                    int first = options.offset() + done;
                    if (!log.has(trial.name(), first, n)
                            && !runChunk(trial, data, first, n, log, progress, before)) {
                        return false;
                    }
                    before += (long) n * (trial.steps() + 1);
                }
                show(trial, log);
            }
        }
        return true;
    }

    private boolean runChunk(
            Trial trial,
            ImageDataset data,
            int first,
            int n,
            TrialLog log,
            StepProgress progress,
            long before)
            throws IOException {
        String soFar = soFar(trial, log);
        List<Verdict> verdicts =
                trial.run(
                        TrialImages.of(data, first, n, options.seed()),
                        (step, standing) -> {
                            progress.show(
                                    before + (long) n * step,
                                    String.format(
                                            Locale.ROOT,
                                            "%s: images %d-%d, step %d, %d stand%s",
                                            trial.name(),
                                            first,
                                            first + n - 1,
                                            step,
                                            standing,
                                            soFar));
                            return !stopped.get();
                        });
        if (verdicts == null) {
            return false;
        }
        log.add(trial.name(), verdicts);
        return true;
    }

    private String soFar(Trial trial, TrialLog log) {
        List<Verdict> verdicts = log.verdicts(trial.name(), options.offset(), options.count());
        return verdicts.isEmpty()
                ? ""
                : ", so far "
                        + new TrialResult(trial.name(), trial.steps(), submissions, verdicts)
                                .accuracy();
    }

    private void show(Trial trial, TrialLog log) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf("%s%s%n", trial.name(), soFar(trial, log).replace(", so far", ":"));
        err.flush();
    }
}
