package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.learner.UpdateInfo;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.study.Agreement;
import io.ebmstream.ops.study.Course;
import io.ebmstream.ops.study.PrecisionReport;
import io.ebmstream.ops.study.PrecisionStudy;
import io.ebmstream.ops.study.PrecisionStudyConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm precision}: whether bf16 is harmless on some images. */
@Command(
        name = "precision",
        description =
                "Train light32 in float32 and in bf16, from the same seeds on the same images, and"
                        + " compare: energy difference and gradient, chains, purification, gradients."
                        + " Finished runs are kept in the folder: run it again to go on.")
final class PrecisionCommand implements Callable<Integer> {
    private static final int REPORTS = 10;

    @Spec private CommandSpec spec;
    @Mixin private ImageOptions images;
    @Mixin private JsonOption json;

    @Option(
            names = "--executor",
            paramLabel = "NAME",
            defaultValue = Executors.AUTO,
            description = "What runs the network; must have both formats here.")
    private String executor;

    @Option(
            names = "--n",
            paramLabel = "N",
            defaultValue = "" + Light32.DEFAULT_WIDTH,
            description = "Channels of the network's first layer.")
    private int n;

    @Option(
            names = "--updates",
            paramLabel = "N",
            defaultValue = "" + PrecisionStudyConfig.DEFAULT_UPDATES,
            description = "Updates of every training run.")
    private int updates;

    @Option(
            names = "--seeds",
            paramLabel = "SEED",
            split = ",",
            defaultValue = "1,2,3",
            description = "One pair of training runs for each.")
    private List<Long> seeds;

    @Option(
            names = "--held-out",
            paramLabel = "N",
            defaultValue = "" + PrecisionStudyConfig.DEFAULT_HELD_OUT,
            description = "Images at the end of the set that are measured with, not trained on.")
    private int heldOut;

    @Option(
            names = "--purify-steps",
            paramLabel = "K",
            defaultValue = "" + PrecisionStudyConfig.DEFAULT_PURIFY_STEPS,
            description = "Langevin steps of a purification.")
    private int purifySteps;

    @Option(
            names = "--noise",
            paramLabel = "SIGMA",
            defaultValue = "" + PrecisionStudyConfig.DEFAULT_NOISE,
            description = "Noise to purify, in units of [-1, 1].")
    private double noise;

    @Option(
            names = "--workers",
            paramLabel = "W",
            defaultValue = "0",
            description = "Training runs at a time; 0 is one for each processor.")
    private int workers;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of training runs and report.json.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        ImageDataset data = images.open(1);
        PrecisionReport report;
        try {
            Executors.Choice choice = Executors.resolve(executor, Precision.BFLOAT16.label());
            PrecisionStudyConfig config =
                    new PrecisionStudyConfig(
                            Light32.of(data.shape(), n),
                            updates,
                            seeds,
                            heldOut,
                            purifySteps,
                            noise);
            int threads = workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
            report = PrecisionStudy.run(config, choice.executor(), data, out, threads, this::tell);
        } catch (IllegalArgumentException
                | IllegalStateException
                | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
        Files.writeString(out.resolve("report.json"), JsonText.of(report));
        json.print(spec, report, table -> print(table, report));
        return ExitCode.OK;
    }

    private void tell(long seed, Precision precision, UpdateInfo update) {
        if (update.update() % Math.max(1, updates / REPORTS) == 0) {
            spec.commandLine()
                    .getErr()
                    .printf(
                            Locale.ROOT,
                            "seed %d %-7s update %d: d %.1f, rho %.3f%n",
                            seed,
                            precision.label(),
                            update.update(),
                            update.energyDifference(),
                            update.rho());
        }
    }

    private static void print(PrintWriter table, PrecisionReport report) {
        table.printf(
                "MMD real against real %s, against noise %s; noisy images' error %s%n",
                interval(report.realAgainstReal()),
                interval(report.realAgainstNoise()),
                number(report.noisyError()));
        table.printf(
                "%-5s %-9s %9s %9s %7s %6s %8s %-22s %9s %9s %9s%n",
                "seed",
                "trained",
                "mean d",
                "sd d",
                "ac d",
                "rho",
                "ms/upd.",
                "chains' MMD",
                "pur. f32",
                "pur. bf16",
                "clean f32");
        for (PrecisionReport.Row row : report.runs()) {
            Course course = row.course();
            table.printf(
                    Locale.ROOT,
                    "%-5d %-9s %9.2f %9.2f %7.3f %6.3f %8.0f %-22s %9s %9s %9s%n",
                    row.seed(),
                    row.precision(),
                    course.meanDifference(),
                    course.deviation(),
                    course.autocorrelation(),
                    course.rho(),
                    course.millis(),
                    interval(row.chains()),
                    number(row.purifiedFloat32()),
                    number(row.purifiedBfloat16()),
                    number(row.cleanFloat32()));
        }
        table.printf(
                "%-5s %-9s %-8s %12s %12s %12s %10s %12s   (bf16 - float32, same weights)%n",
                "seed",
                "trained",
                "on",
                "bias U/T",
                "spread U/T",
                "input grad",
                "cosine",
                "param. grad");
        for (PrecisionReport.Row row : report.runs()) {
            print(table, row, "chains", row.onChains());
            print(table, row, "images", row.onImages());
        }
    }

    private static void print(
            PrintWriter table, PrecisionReport.Row row, String on, Agreement agreement) {
        table.printf(
                Locale.ROOT,
                "%-5d %-9s %-8s %12.2f %12.2f %11.1f%% %10.4f %11.1f%%%n",
                row.seed(),
                row.precision(),
                on,
                agreement.energyBias(),
                agreement.energySpread(),
                100 * agreement.inputGradientError(),
                agreement.inputGradientCosine(),
                100 * agreement.parameterGradientError());
    }

    private static String interval(Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%.4f [%.4f, %.4f]",
                estimate.value(),
                estimate.low(),
                estimate.high());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.5f", value);
    }
}
