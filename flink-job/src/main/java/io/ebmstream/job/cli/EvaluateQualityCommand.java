package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.diagnostics.ChainRun;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.quality.PairReport;
import io.ebmstream.ops.quality.QualityEvaluation;
import io.ebmstream.ops.quality.QualityReport;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm evaluate quality}: how like real images samples are. */
@Command(
        name = "quality",
        description = {
            "Measure a model's chains, or images in a folder, against held-out real images.",
            "Every measure is calibrated by other real images and by noise; one that cannot tell"
                    + " these is refused. Features are random convolutions: figures compare within"
                    + " one set-up only."
        })
final class EvaluateQualityCommand implements Callable<Integer> {
    private static final int STEPS_AT_ONCE = 20;
    private static final int PICTURED = 64;

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private JsonOption json;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description = "Model whose chains are measured: its folder or file.")
    private Path model;

    @Option(
            names = "--from",
            paramLabel = "START",
            defaultValue = "bank",
            description =
                    "Where its chains begin: bank (of the training run in the folder), data, noise.")
    private ModelChains.Start from;

    @Option(
            names = "--steps",
            paramLabel = "K",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Langevin steps of the chains. Without: 0 from the bank, else training's.")
    private Integer steps;

    @Option(
            names = "--samples",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description = "Images to measure instead of a model's chains.")
    private Path samples;

    @Option(
            names = "--pairs",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "What the samples are reconstructions of, in the same order: adds PSNR and SSIM.")
    private Path pairs;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "Held-out real images: twice --count, three times for chains from data.")
    private Path images;

    @Option(
            names = "--training",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description = "Training images, to look for copies.")
    private Path training;

    @Option(
            names = "--training-limit",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Look among the first N training images; 0 for all.")
    private int trainingLimit;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "512",
            description = "Images in every set.")
    private int count;

    @Option(
            names = "--block",
            paramLabel = "N",
            defaultValue = "" + QualityEvaluation.DEFAULT_BLOCK,
            description = "Images in a block; the blocks' spread gives the intervals.")
    private int block;

    @Option(
            names = "--feature-seeds",
            paramLabel = "SEED",
            split = ",",
            defaultValue = "101,102,103",
            description = "Seeds of the random features.")
    private List<Long> seeds;

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
            description = "Threads that run chains; the result is the same.")
    private int workers;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            showDefaultValue = Visibility.NEVER,
            description = "Folder for quality.json and samples.png. Without: the table only.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        if ((model == null) == (samples == null)) {
            throw new UsageException("expected either --model or --samples, found both or none");
        }
        if (pairs != null && samples == null) {
            throw new UsageException("--pairs: expected --samples with it, found none");
        }
        Executors.Choice choice = compute.resolve();
        ModelFile file = model == null ? null : ModelArgument.read("--model", model);
        ImageShape shape =
                file == null
                        ? HeldOutImages.first("--samples", samples)
                        : file.energy().spec().image();
        ImageDataset real = HeldOutImages.open("--images", images, 0, shape);
        List<byte[]> held = HeldOutImages.pixels("--images", real, 0, count);
        List<byte[]> others = HeldOutImages.pixels("--images", real, count, count);
        List<byte[]> measured;
        String name;
        if (file == null) {
            ImageDataset found = HeldOutImages.open("--samples", samples, 0, shape);
            measured = HeldOutImages.pixels("--samples", found, 0, count);
            name = count + " of " + found.name();
        } else {
            int k = steps == null ? from == ModelChains.Start.BANK ? 0 : file.steps() : steps;
            measured = chains(file, k, real, choice);
            name =
                    String.format(
                            Locale.ROOT,
                            "%d chains of %s (%d updates) after %d steps from %s",
                            count,
                            file.hash().substring(0, 12),
                            file.updates(),
                            k,
                            from.name().toLowerCase(Locale.ROOT));
        }
        List<byte[]> known = training(shape);
        QualityReport report;
        PairReport paired = null;
        try {
            report =
                    QualityEvaluation.of(
                            new QualityEvaluation.Sets(held, others, measured, known),
                            shape,
                            choice.executor(),
                            block,
                            seeds,
                            name,
                            count + " of " + real.name());
            if (pairs != null) {
                ImageDataset originals = HeldOutImages.open("--pairs", pairs, 0, shape);
                paired =
                        PairReport.of(
                                images(shape, HeldOutImages.pixels("--pairs", originals, 0, count)),
                                images(shape, measured));
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("quality", report);
        all.put("pairs", paired);
        if (out != null) {
            write(all, shape, measured);
        }
        PairReport reconstructed = paired;
        json.print(spec, all, table -> print(table, report, reconstructed));
        return ExitCode.OK;
    }

    private List<byte[]> chains(ModelFile file, int k, ImageDataset real, Executors.Choice choice)
            throws IOException {
        List<byte[]> starts =
                from == ModelChains.Start.DATA
                        ? HeldOutImages.pixels("--images", real, 2 * count, count)
                        : List.of();
        LangevinConfig langevin = file.langevin();
        try (ModelChains chains = new ModelChains(file, model, choice, workers);
                ChainRun run = chains.begin(from, count, starts, langevin, seed);
                StepProgress progress =
                        new StepProgress(spec.commandLine().getErr(), "steps", 0, k)) {
            while (run.steps() < k) {
                run.advance((int) Math.min(STEPS_AT_ONCE, k - run.steps()));
                progress.show(
                        run.steps(), String.format(Locale.ROOT, "r %.4f", run.displacement()));
            }
            return run.images();
        }
    }

    private List<byte[]> training(ImageShape shape) {
        if (training == null) {
            return List.of();
        }
        ImageDataset data = HeldOutImages.open("--training", training, trainingLimit, shape);
        return HeldOutImages.pixels("--training", data, 0, data.size());
    }

    private static List<Image> images(ImageShape shape, List<byte[]> pixels) {
        return pixels.stream().map(image -> new Image(shape, image)).toList();
    }

    private void write(Map<String, Object> all, ImageShape shape, List<byte[]> measured)
            throws IOException {
        Files.createDirectories(out);
        Files.writeString(out.resolve("quality.json"), JsonText.of(all));
        ImageGrid.square(2, images(shape, measured.subList(0, Math.min(PICTURED, count))))
                .write(out.resolve("samples.png"));
    }

    private static void print(PrintWriter table, QualityReport report, PairReport paired) {
        table.printf("%s, against %s%n", report.samples(), report.real());
        String row = "%-22s %-7s %-26s %-26s %-26s %s%n";
        table.printf(
                row, "measure", "better", "samples", "real/real", "real/noise", "by feature seed");
        for (QualityReport.Row measure : report.measures()) {
            table.printf(
                    row,
                    measure.measure(),
                    measure.highIsGood() ? "higher" : "lower",
                    measure.refused() == null ? interval(measure.value()) : "refused",
                    interval(measure.realAgainstReal()),
                    interval(measure.realAgainstNoise()),
                    measure.bySeed().stream()
                            .map(one -> String.format(Locale.ROOT, "%.4g", one.value()))
                            .collect(Collectors.joining(" ")));
        }
        List<String> refusals = new ArrayList<>();
        report.measures().forEach(m -> refusals.add(m.refused()));
        if (report.memorisation() != null) {
            QualityReport.Memorisation found = report.memorisation();
            if (found.refused() == null) {
                table.printf(
                        Locale.ROOT,
                        "memorisation: close to one of %d training images %.3f of the samples"
                                + " (other real images %.3f, copies %.3f), median distance ratio"
                                + " %.3f%n",
                        found.trainingImages(),
                        found.closeShare(),
                        found.realCloseShare(),
                        found.copiesCloseShare(),
                        found.medianRatio());
            }
            refusals.add(found.refused());
        }
        if (paired != null) {
            for (PairReport.Row one : paired.measures()) {
                table.printf(
                        "%-22s %-7s %-26s mismatched pairs %s%n",
                        one.measure(),
                        "higher",
                        one.refused() == null ? interval(one.value()) : "refused",
                        interval(one.mismatched()));
                refusals.add(one.refused());
            }
        }
        refusals.stream()
                .filter(text -> text != null)
                .forEach(text -> table.println("refused: " + text));
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
