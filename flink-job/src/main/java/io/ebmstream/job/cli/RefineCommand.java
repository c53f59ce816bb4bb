package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.hat.GeneratedImages;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.hat.HatDynamics;
import io.ebmstream.ops.hat.HatPreset;
import io.ebmstream.ops.hat.HatRefiner;
import io.ebmstream.ops.hat.RefinedImage;
import io.ebmstream.ops.hat.RefinementBatch;
import io.ebmstream.ops.hat.RefinementImage;
import io.ebmstream.ops.hat.RefinementReport;
import io.ebmstream.ops.hat.RefinerConfig;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm refine}: a generator's samples before and after a hat EBM. */
@Command(
        name = "refine",
        description =
                "Sample a generator, refine the samples by joint Langevin runs on latents and"
                        + " residual under an energy (hat EBM), and compare before and after."
                        + " Ended by Ctrl-C or a kill, the same command goes on.")
final class RefineCommand implements Callable<Integer> {
    private static final long SLICE_NANOS = 200_000_000;
    private static final long SAVE_NANOS = 60_000_000_000L;
    private static final int GRID = 64;

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private JsonOption json;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "Model file or folder: the energy, and the generator unless given.")
    private Path model;

    @Option(
            names = "--generator",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description = "Model file or autoencoder with the generator. Without: the model's own.")
    private Path generator;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            description =
                    "hat-refine or hat-retrofit: where the values below come from. Without: the"
                            + " preset that the model was trained with, else hat-refine.")
    private String preset;

    @Option(
            names = "--steps",
            paramLabel = "K",
            showDefaultValue = Visibility.NEVER,
            description = "Joint Langevin steps. Without: the preset's.")
    private Integer steps;

    @Option(
            names = "--step-size",
            paramLabel = "EPS",
            showDefaultValue = Visibility.NEVER,
            description = "eps of r, in units of [-1, 1]. Without: the preset's.")
    private Double stepSize;

    @Option(
            names = "--latent-step-size",
            paramLabel = "EPS",
            showDefaultValue = Visibility.NEVER,
            description = "eps_z; 0 leaves latents. Without: the preset's.")
    private Double latentStepSize;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            showDefaultValue = Visibility.NEVER,
            description = "T of the runs. Without: the model's.")
    private Double temperature;

    @Option(
            names = "--tau-res",
            paramLabel = "TAU",
            showDefaultValue = Visibility.NEVER,
            description = "Factor of |r|^2. Without: the preset's.")
    private Double tauRes;

    @Option(names = "--count", paramLabel = "N", defaultValue = "64", description = "Samples.")
    private int count;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Samples at a time.")
    private int batch;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Images that the energy was not trained on: distances from them (MMD) are"
                            + " reported, before and after.")
    private Path images;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Take the first N of those images; 0 takes all.")
    private int limit;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of latents and noise.")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of report.json, samples.csv, before.png and after.png.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    /** What is reported. */
    private record Report(
            RefinementReport result,
            String sampler,
            int steps,
            double stepSize,
            double latentStepSize,
            double temperature,
            double tauRes,
            long seed,
            String model,
            String generator,
            String heldOut,
            String executor,
            double seconds) {}

    @Override
    public Integer call() throws IOException {
        if (count < 1 || batch < 1) {
            throw new UsageException(
                    "expected --count and --batch of at least 1, found " + count + " and " + batch);
        }
        ModelFile file;
        Generator from;
        try {
            file = ModelFile.read(model);
            from = Generator.read(generator == null ? model : generator);
        } catch (IOException e) {
            throw new UsageException(e.getMessage(), e);
        }
        List<byte[]> heldOut = heldOut(file.energy().spec().image());
        HatPreset row = preset(file);
        Executors.Choice choice = compute.resolve();
        RefinerConfig config;
        try {
            config =
                    new RefinerConfig(
                            dynamics(row, file.langevin()),
                            steps == null ? row.steps() : steps,
                            seed,
                            file.langevin().temperature());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        Files.createDirectories(out);
        long begin = System.nanoTime();
        try (HatRefiner refiner = refiner(file, from, choice, config);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            refiner.setModel(file.energy().weights());
            List<byte[]> before = new ArrayList<>();
            List<RefinedImage> refined = new ArrayList<>();
            RefineProgress kept =
                    RefineProgress.open(
                            out,
                            String.join(
                                    " ",
                                    "model " + file.hash(),
                                    "sampler " + refiner.samplerHash(),
                                    "energies at T " + config.energyTemperature(),
                                    "seed " + seed,
                                    "count " + count,
                                    "batch " + batch,
                                    choice.executor().name()));
            if (!run(refiner, from, choice, config, kept, before, refined)) {
                return interrupts.exitCode(ExitCode.INTERRUPTED);
            }
            report(file, from, choice, config, refiner, before, refined, heldOut, begin);
            kept.delete();
            return ExitCode.OK;
        } catch (UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private HatPreset preset(ModelFile file) {
        try {
            if (preset != null) {
                return HatPreset.named(preset);
            }
            return file.preset().startsWith("hat-")
                    ? HatPreset.named(file.preset())
                    : HatPreset.REFINE;
        } catch (IllegalArgumentException e) {
            throw new UsageException("--preset: " + e.getMessage(), e);
        }
    }

    private HatDynamics dynamics(HatPreset row, LangevinConfig trained) {
        return HatDynamics.of(
                stepSize == null ? row.stepSize() : stepSize,
                latentStepSize == null ? row.latentStepSize() : latentStepSize,
                temperature == null ? trained.temperature() : temperature,
                tauRes == null ? row.tauRes() : tauRes);
    }

    private List<byte[]> heldOut(ImageShape shape) {
        if (images == null) {
            return List.of();
        }
        ImageDataset data = HeldOutImages.open("--images", images, limit, shape);
        int least = 2 * RefinementReport.LEAST;
        if (data.size() < least || count < least / 2) {
            throw new UsageException(
                    "--images: expected at least "
                            + least
                            + " images and a --count of at least "
                            + RefinementReport.LEAST
                            + ", found "
                            + data.size()
                            + " and "
                            + count);
        }
        return IntStream.range(0, data.size()).mapToObj(i -> data.image(i).pixels()).toList();
    }

    private static HatRefiner refiner(
            ModelFile file, Generator from, Executors.Choice choice, RefinerConfig config) {
        try {
            return new HatRefiner(
                    file.energy().network(),
                    from,
                    choice.executor(),
                    choice.precision(),
                    config,
                    Purifier.DEFAULT_PART);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    /** Refines all samples, batch by batch; false if it was told to stop. */
    private boolean run(
            HatRefiner refiner,
            Generator from,
            Executors.Choice choice,
            RefinerConfig config,
            RefineProgress kept,
            List<byte[]> before,
            List<RefinedImage> refined)
            throws IOException {
        List<RefinementImage> samples = new ArrayList<>();
        try (GeneratedImages given = new GeneratedImages(from, choice.executor(), seed, count)) {
            for (int i = 0; i < count; i++) {
                samples.add(RefinementImage.of(i, given.latents(i)));
                before.add(given.image(i).pixels());
            }
        }
        try (StepProgress progress =
                new StepProgress(
                        spec.commandLine().getErr(),
                        "steps",
                        kept.steps(),
                        (long) count * Math.max(1, config.steps()))) {
            for (int first = 0; first < count; first += batch) {
                int to = Math.min(count, first + batch);
                String place = to + " of " + count + " samples";
                List<RefinementImage> some = kept.samples(first, samples.subList(first, to));
                long saved = System.nanoTime();
                long begun = refiner.imageSteps();
                try (RefinementBatch part = refiner.start(some)) {
                    while (!refiner.advance(part, SLICE_NANOS)) {
                        progress.show(kept.steps() + refiner.imageSteps(), place);
                        if (stopped.get() || System.nanoTime() - saved > SAVE_NANOS) {
                            kept.save(first, part, refiner.imageSteps());
                            saved = System.nanoTime();
                        }
                        if (stopped.get()) {
                            return false;
                        }
                    }
                    IntStream.range(0, to - first).forEach(i -> refined.add(part.result(i)));
                    progress.show(kept.steps() + refiner.imageSteps(), place);
                    if (refiner.imageSteps() > begun) {
                        kept.save(first, part, refiner.imageSteps());
                    }
                }
            }
        }
        return true;
    }

    private void report(
            ModelFile file,
            Generator from,
            Executors.Choice choice,
            RefinerConfig config,
            HatRefiner refiner,
            List<byte[]> before,
            List<RefinedImage> refined,
            List<byte[]> heldOut,
            long begin)
            throws IOException {
        ImageShape shape = file.energy().spec().image();
        RefinementReport result =
                RefinementReport.of(shape, choice.executor(), before, refined, heldOut);
        double seconds = (System.nanoTime() - begin) / 1e9;
        HatDynamics dynamics = config.dynamics();
        double tau = dynamics.residual().tau();
        Report report =
                new Report(
                        result,
                        refiner.samplerHash(),
                        config.steps(),
                        dynamics.residual().stepSize(),
                        dynamics.latentsMove() ? dynamics.latents().stepSize() : 0,
                        dynamics.temperature(),
                        tau == 0 ? 0 : 1 / (2 * tau * tau),
                        seed,
                        file.hash(),
                        from.digest(),
                        images == null ? null : images.toString(),
                        choice.toString(),
                        seconds);
        Files.writeString(out.resolve("report.json"), JsonText.of(report));
        write("before.png", shape, before);
        write("after.png", shape, refined.stream().map(RefinedImage::pixels).toList());
        try (PrintWriter csv =
                new PrintWriter(Files.newBufferedWriter(out.resolve("samples.csv")))) {
            csv.println(
                    "sample,energy_before,energy_after,displacement,latent_displacement,residual");
            for (int i = 0; i < refined.size(); i++) {
                RefinedImage image = refined.get(i);
                csv.printf(
                        Locale.ROOT,
                        "%d,%.6g,%.6g,%.6g,%.6g,%.6g%n",
                        i,
                        image.energyBefore(),
                        image.energyAfter(),
                        image.displacement(),
                        image.latentDisplacement(),
                        image.residual());
            }
        }
        json.print(spec, report, screen -> print(screen, result, seconds));
    }

    private void write(String name, ImageShape shape, List<byte[]> pixels) throws IOException {
        ImageGrid.square(
                        3,
                        pixels.stream().limit(GRID).map(bytes -> new Image(shape, bytes)).toList())
                .write(out.resolve(name));
    }

    private void print(PrintWriter screen, RefinementReport result, double seconds) {
        screen.printf(
                Locale.ROOT,
                "%d samples in %.1f s: U/T %.2f -> %.2f, moved by %.3f in [-1, 1], latents by %.3f,"
                        + " |r| %.3f%n",
                result.count(),
                seconds,
                result.energyBefore(),
                result.energyAfter(),
                result.displacement(),
                result.latentDisplacement(),
                result.residual());
        if (result.before() != null) {
            screen.printf(
                    "MMD from held-out images: before %s, after %s; other held-out images %s%n",
                    interval(result.before()), interval(result.after()), interval(result.floor()));
        }
        screen.println(out.resolve("report.json"));
    }

    private static String interval(Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%.4f [%.4f, %.4f]",
                estimate.value(),
                estimate.low(),
                estimate.high());
    }
}
