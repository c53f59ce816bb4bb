package io.ebmstream.job.cli;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.PriorConfig;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.learner.UpdateInfo;
import io.ebmstream.ops.preset.Preset;
import io.ebmstream.ops.preset.PresetGenerator;
import io.ebmstream.ops.preset.PresetScale;
import io.ebmstream.ops.preset.Presets;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.training.Training;
import io.ebmstream.ops.training.TrainingPlan;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm train}: learning on a fixed set of images, without a stream. */
@Command(
        name = "train",
        description = {
            "Train an energy on a fixed set of images, with the learner that the job has but"
                    + " without a cluster.",
            "The folder gets a checkpoint, training.csv, diagnostics.png, samples/ and"
                    + " model.safetensors, which the job starts from (--initial-snapshot). Ctrl-C"
                    + " leaves a checkpoint; --resume goes on from it with the same bits."
        })
final class TrainCommand implements Callable<Integer> {
    private static final String PRESET = "midrun-data";
    private static final String KAFKA = "kafka";
    private static final String INITIAL = "initial.safetensors";

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private TrainingImages images;
    @Mixin private JsonOption json;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = PRESET,
            description = "Where values that are not given come from; see 'ebm presets'.")
    private String preset;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            description = "Energy network; see 'ebm describe'. Without: the preset's.")
    private String network;

    @Option(
            names = "--n",
            paramLabel = "WIDTH",
            showDefaultValue = Visibility.NEVER,
            description = "The network's width. Without: its own.")
    private Integer width;

    @Option(
            names = "--updates",
            paramLabel = "N",
            required = true,
            description = "Completed updates to end after, those of earlier runs counted.")
    private long updates;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of the model and the checkpoint.")
    private Path out;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "" + LearnerConfig.DEFAULT_SEED,
            description = "Seed of initial weights and of every random choice.")
    private long seed;

    @Option(
            names = "--shorten",
            description =
                    "Make the preset's schedules, switch to SGD included, for --updates in place of"
                            + " the papers' number, in proportion.")
    private boolean shorten;

    @Option(names = "--resume", description = "Go on from the checkpoint in the folder.")
    private boolean resume;

    @Option(
            names = "--from-snapshot",
            paramLabel = "PATH|kafka",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Begin with the weights of a model file or folder instead of random ones;"
                            + " kafka: with what a job published last.")
    private String snapshot;

    @Mixin private SnapshotOptions published;

    @Option(
            names = "--generator",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Trained generator, for presets that need one: a model with a generator."
                            + " Without: the snapshot's.")
    private Path generatorPath;

    @Option(
            names = "--generator-n",
            paramLabel = "WIDTH",
            defaultValue = "0",
            description = "Width of a generator that learns; 0 is the preset's.")
    private int generatorWidth;

    @Option(
            names = "--prior",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Trained prior, for presets that need one: a model, whose energy it is. Without:"
                            + " the snapshot's.")
    private Path priorPath;

    @Option(
            names = "--start",
            paramLabel = "START",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Where negative chains start: noise, data, persistent, data_persistent, coop,"
                            + " coop_persistent.")
    private ChainStart start;

    @Option(
            names = "--steps",
            paramLabel = "K",
            showDefaultValue = Visibility.NEVER,
            description = "Langevin steps of a chain in one update.")
    private Integer steps;

    @Option(
            names = "--step-size",
            paramLabel = "EPS",
            showDefaultValue = Visibility.NEVER,
            description = "eps in x <- x - (eps^2/2) grad U(x)/T + eps xi, in units of [-1, 1].")
    private Double stepSize;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            showDefaultValue = Visibility.NEVER,
            description = "T of the same.")
    private Double temperature;

    @Option(
            names = "--batch",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "Images, and as many chains, in one update.")
    private Integer batch;

    @Option(
            names = "--bank",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "Persistent chains.")
    private Integer bank;

    @Option(
            names = "--rejuvenation",
            paramLabel = "P",
            showDefaultValue = Visibility.NEVER,
            description = "Probability that a chain of the batch restarts.")
    private Double rejuvenation;

    @Option(
            names = "--data-noise",
            paramLabel = "S",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Standard deviation of the noise on images. Without: the preset's multiple of"
                            + " eps.")
    private Double dataNoise;

    @Option(
            names = "--learning-rate",
            paramLabel = "SCHEDULE",
            showDefaultValue = Visibility.NEVER,
            description = "Rate by update, for example 1e-4@0,1e-5@9000.")
    private String learningRate;

    @Option(
            names = "--ema",
            paramLabel = "DECAY",
            showDefaultValue = Visibility.NEVER,
            description = "Decay of the moving average of the weights.")
    private Double ema;

    @Option(
            names = "--workers",
            paramLabel = "W",
            defaultValue = "1",
            description = "Threads that compute; the result is the same.")
    private int workers;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "" + TrainingPlan.DEFAULT_CHECKPOINT_EVERY,
            description = "Updates between two checkpoints.")
    private int checkpointEvery;

    @Option(
            names = "--no-guard",
            description =
                    "Without guard rails: no roll-back, and half the memory for weights and bank.")
    private boolean noGuard;

    private final AtomicBoolean stopped = new AtomicBoolean();

    @Override
    public Integer call() throws IOException {
        if (resume != Training.hasCheckpoint(out)) {
            throw new UsageException(
                    resume
                            ? "--resume: expected a checkpoint in " + out + ", found none"
                            : "expected no checkpoint in "
                                    + out
                                    + ", found one; give --resume to go on, or another --out");
        }
        if (workers < 1 || updates < 1) {
            throw new UsageException(
                    "expected --workers and --updates of at least 1, found "
                            + workers
                            + " and "
                            + updates);
        }
        ImageDataset data = images.open();
        Executors.Choice choice = compute.resolve();
        boolean alone = workers == 1 || choice.executor().isParallel();
        try (WorkerPool pool = alone ? null : new WorkerPool(workers, "train")) {
            Executor executor =
                    alone
                            ? choice.executor()
                            : new ParallelExecutor(
                                    choice.executor(), pool, LearnerConfig.DEFAULT_PART);
            return train(
                    data, new Executors.Choice(executor, choice.precision(), choice.passedOver()));
        }
    }

    private int train(ImageDataset data, Executors.Choice choice) throws IOException {
        try (Training training = training(data, choice);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true));
                StepProgress progress =
                        new StepProgress(
                                spec.commandLine().getErr(),
                                "updates",
                                training.updates(),
                                updates)) {
            AtomicReference<UpdateInfo> last = new AtomicReference<>();
            training.run(
                    updates,
                    info -> {
                        last.set(info);
                        progress.show(info.update(), message(info));
                    },
                    stopped::get);
            String state =
                    training.frozen()
                            ? "frozen"
                            : training.updates() < updates ? "stopped" : "trained";
            json.print(
                    spec,
                    result(state, training.updates(), last.get()),
                    text ->
                            text.printf(
                                    "%s%s after %d updates: %s%n",
                                    state,
                                    training.frozen()
                                            ? " by guard rails (see " + Training.EVENTS + ")"
                                            : "",
                                    training.updates(),
                                    out.resolve(ModelFile.NAME)));
            return training.updates() < updates
                    ? interrupts.exitCode(ExitCode.FAILED)
                    : ExitCode.OK;
        }
    }

    /** What {@code --json} tells; last is null where nothing was left to do. */
    private Map<String, Object> result(String state, long done, UpdateInfo last) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("state", state);
        result.put("updates", done);
        result.put("updates_wanted", updates);
        result.put(
                "energy_difference",
                last == null ? null : JsonText.number(last.energyDifference()));
        result.put("rho", last == null ? null : JsonText.number(last.rho()));
        result.put("model", out.resolve(ModelFile.NAME).toString());
        result.put("course", out.resolve(Training.COURSE).toString());
        return result;
    }

    private Training training(ImageDataset data, Executors.Choice choice) throws IOException {
        try {
            ModelFile initial = initial();
            Preset named = Presets.named(preset);
            Preset values = shorten ? named.lasting(updates) : named;
            NetworkSpec name = network(values, data, initial);
            Map<String, ModelFile.Part> fixed = fixed(values, initial);
            NetworkSpec learning = learning(values, data, initial);
            LearnerConfig config =
                    config(values, name, fixed, learning, data, choice.executor().isParallel());
            TrainingPlan plan =
                    new TrainingPlan(
                            config,
                            name,
                            fixed,
                            learning,
                            preset,
                            initial == null ? ModelVersion.INITIAL : initial.version(),
                            initial == null ? TrainingPlan.RANDOM : initial.hash(),
                            LearnerConfig.DEFAULT_PART,
                            checkpointEvery,
                            TrainingPlan.guard(config).withEnabled(!noGuard));
            if (resume) {
                return Training.resume(plan, choice.executor(), choice.precision(), data, out);
            }
            return Training.begin(
                    plan, choice.executor(), choice.precision(), data, plan.weights(initial), out);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    /** What the weights begin with; a copy of it stays in the folder, for whoever goes on. */
    private ModelFile initial() throws IOException {
        Path copy = out.resolve(INITIAL);
        if (resume && Files.exists(copy)) {
            return ModelFile.read(copy);
        }
        if (snapshot == null) {
            return null;
        }
        ModelFile model =
                snapshot.equals(KAFKA)
                        ? published.latest()
                        : ModelArgument.read("--from-snapshot", Path.of(snapshot));
        if (!resume) {
            model.write(copy);
        }
        return model;
    }

    private NetworkSpec network(Preset values, ImageDataset data, ModelFile initial) {
        if (initial != null) {
            NetworkSpec found = initial.energy().spec();
            if (network != null && !network.equals(found.network())
                    || width != null && width != found.width()) {
                throw new UsageException(
                        "expected --network and --n of the snapshot, " + found + ", found others");
            }
            return found;
        }
        NetworkFamily family = Networks.energyNamed(network == null ? values.energy() : network);
        return new NetworkSpec(
                family.name(), width == null ? family.defaultWidth() : width, data.shape());
    }

    /** Networks that are given trained and stay as they are: from their files, or the snapshot. */
    private Map<String, ModelFile.Part> fixed(Preset values, ModelFile initial) throws IOException {
        Map<String, ModelFile.Part> parts = new HashMap<>();
        if (initial != null) {
            parts.putAll(initial.others());
        }
        parts.keySet().removeIf(role -> !needs(values, role));
        if (generatorPath != null) {
            parts.put(ModelFile.GENERATOR, Generator.readPart(generatorPath));
        }
        if (priorPath != null) {
            parts.put(ModelFile.PRIOR, ModelArgument.read("--prior", priorPath).energy());
        }
        if (values.needsGenerator() != parts.containsKey(ModelFile.GENERATOR)
                || values.needsPrior() != parts.containsKey(ModelFile.PRIOR)) {
            throw new UsageException(
                    "preset "
                            + preset
                            + ": expected "
                            + (values.needsGenerator() ? "--generator" : "no --generator")
                            + " and "
                            + (values.needsPrior() ? "--prior" : "no --prior")
                            + ", found "
                            + (generatorPath == null ? "none" : generatorPath)
                            + " and "
                            + (priorPath == null ? "none" : priorPath)
                            + (initial == null
                                    ? ""
                                    : "; the snapshot has "
                                            + new TreeSet<>(initial.others().keySet())));
        }
        return parts;
    }

    private static boolean needs(Preset values, String role) {
        return role.equals(ModelFile.GENERATOR) && values.needsGenerator()
                || role.equals(ModelFile.PRIOR) && values.needsPrior();
    }

    /** The generator that learns, or null. */
    private NetworkSpec learning(Preset values, ImageDataset data, ModelFile initial) {
        PresetGenerator generator = values.generator();
        if (generator == null || !generator.learns()) {
            return null;
        }
        if (initial != null && initial.others().containsKey(ModelFile.GENERATOR)) {
            return initial.other(ModelFile.GENERATOR).spec();
        }
        return new NetworkSpec(
                generator.family(),
                generatorWidth == 0 ? generator.width() : generatorWidth,
                data.shape());
    }

    private LearnerConfig config(
            Preset values,
            NetworkSpec name,
            Map<String, ModelFile.Part> fixed,
            NetworkSpec learning,
            ImageDataset data,
            boolean parallel) {
        PresetScale scale =
                new PresetScale(
                        0,
                        learning == null ? 0 : learning.width(),
                        0,
                        batch == null ? 0 : batch,
                        bank == null ? 0 : bank,
                        0,
                        steps == null ? 0 : steps);
        LangevinConfig dynamics = values.langevin();
        double eps = stepSize == null ? dynamics.stepSize() : stepSize;
        LearnerConfigBuilder builder = values.builder(name.build(), scale);
        builder.langevin(
                        new LangevinConfig(
                                eps,
                                temperature == null ? dynamics.temperature() : temperature,
                                dynamics.tau(),
                                dynamics.maxLangevinNorm()))
                .dataNoise(
                        dataNoise == null
                                ? values.dataNoise() * (eps / dynamics.stepSize())
                                : dataNoise)
                .seed(seed)
                .replayCapacity(data.size())
                .warmupImages(data.size())
                .part(
                        !parallel
                                ? LearnerConfig.DEFAULT_PART
                                : batch == null ? values.batch() : batch);
        if (fixed.containsKey(ModelFile.GENERATOR)) {
            builder.generator(GeneratorConfig.fixed(fixed.get(ModelFile.GENERATOR).network()));
        }
        if (fixed.containsKey(ModelFile.PRIOR)) {
            builder.prior(
                    new PriorConfig(
                            fixed.get(ModelFile.PRIOR).network(), values.prior().temperature()));
        }
        if (start != null) {
            builder.start(start);
        }
        if (rejuvenation != null) {
            builder.rejuvenation(rejuvenation);
        }
        if (learningRate != null) {
            builder.learningRate(Schedule.parse(learningRate));
        }
        if (ema != null) {
            builder.emaDecay(ema);
        }
        return builder.build();
    }

    private static String message(UpdateInfo info) {
        return String.format(
                Locale.ROOT,
                "d %+.1f rho %.3f %.0f ms%s",
                info.energyDifference(),
                info.rho(),
                info.millis(),
                info.dropped() == 0 ? "" : " dropped " + info.dropped());
    }
}
