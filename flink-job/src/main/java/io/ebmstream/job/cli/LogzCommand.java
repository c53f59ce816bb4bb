package io.ebmstream.job.cli;

import io.ebmstream.ops.density.AnnealedImportance;
import io.ebmstream.ops.density.EnergyFunction;
import io.ebmstream.ops.density.LogZConfig;
import io.ebmstream.ops.density.LogZEstimate;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm logz}: a model's log Z, and images' bits per dimension. */
@Command(
        name = "logz",
        description = {
            "Estimate a model's log Z by annealed importance sampling from a Gaussian, over pixels"
                    + " in a box, and with it images' bits per dimension. In float32, with the"
                    + " prior that a model has.",
            "A model out of Kafka: ebm weights fetch first."
        })
final class LogzCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private EnergyOptions options;
    @Mixin private JsonOption json;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description = "Images whose bits per dimension are told. Without: log Z alone.")
    private Path images;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Most of these images.")
    private int limit;

    @Option(
            names = "--chains",
            paramLabel = "N",
            defaultValue = "32",
            description = "Independent runs.")
    private int chains;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "500",
            description =
                    "Temperatures between the Gaussian and the model; the more, the more chains the"
                            + " estimate rests on.")
    private int steps;

    @Option(
            names = "--leapfrog",
            paramLabel = "N",
            defaultValue = "10",
            description = "Gradients in the Hamiltonian trajectory at each of them.")
    private int leapfrog;

    @Option(
            names = "--sigma",
            paramLabel = "S",
            defaultValue = "0.6",
            description = "The Gaussian's standard deviation, pixels in [-1, 1].")
    private double sigma;

    @Option(
            names = "--box",
            paramLabel = "B",
            defaultValue = "1.5",
            description = "The density is taken over pixels in [-B, B].")
    private double box;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Seed.")
    private long seed;

    @Override
    public Integer call() throws IOException {
        ModelFile file = options.read();
        LogZConfig config = config();
        ImageShape shape = file.energy().spec().image();
        ImageDataset data =
                images == null ? null : HeldOutImages.open("--images", images, limit, shape);
        try (ModelEnergy energy = new ModelEnergy(file, options);
                StepProgress progress =
                        new StepProgress(spec.commandLine().getErr(), "steps", 0, 2L * steps)) {
            LogZEstimate found =
                    AnnealedImportance.logZ(
                            energy,
                            shape.size(),
                            config,
                            done -> progress.show(done, done <= steps ? "pilot run" : "chains"));
            double[] energies = data == null ? new double[0] : energies(energy, data, shape);
            print(found, energies, shape.size());
        }
        return ExitCode.OK;
    }

    private LogZConfig config() {
        try {
            return new LogZConfig(
                    chains, steps, leapfrog, sigma, box, LogZConfig.DEFAULT.stepSize(), seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private static double[] energies(EnergyFunction energy, ImageDataset data, ImageShape shape) {
        double[] all = new double[data.size()];
        float[] points = new float[EnergyOptions.BATCH * shape.size()];
        float[] gradients = new float[points.length];
        double[] part = new double[EnergyOptions.BATCH];
        for (int from = 0; from < all.length; from += EnergyOptions.BATCH) {
            int count = Math.min(EnergyOptions.BATCH, all.length - from);
            for (int i = 0; i < count; i++) {
                byte[] pixels = data.image(from + i).pixels();
                Pixels.toFloat(pixels, 0, points, i * shape.size(), pixels.length);
            }
            energy.evaluate(points, count, part, gradients);
            System.arraycopy(part, 0, all, from, count);
        }
        return all;
    }

    private void print(LogZEstimate found, double[] energies, int dimensions) {
        Double mean = energies.length == 0 ? null : Arrays.stream(energies).average().orElseThrow();
        double[] bits =
                mean == null
                        ? null
                        : new double[] {
                            LogZEstimate.bitsPerDimension(mean, found.value(), dimensions),
                            LogZEstimate.bitsPerDimension(mean, found.low(), dimensions),
                            LogZEstimate.bitsPerDimension(mean, found.high(), dimensions)
                        };
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("log_z", found.value());
        all.put("log_z_low", found.low());
        all.put("log_z_high", found.high());
        all.put("ess", found.ess());
        all.put("acceptance", found.acceptance());
        all.put("mean_energy_chains", found.meanEnergy());
        all.put("reliable", found.reliable());
        all.put("chains", chains);
        all.put("steps", steps);
        all.put("leapfrog", leapfrog);
        all.put("box", box);
        all.put("images", energies.length);
        all.put("mean_energy", mean);
        all.put("bits_per_dimension", bits == null ? null : bits[0]);
        all.put("bits_per_dimension_low", bits == null ? null : bits[1]);
        all.put("bits_per_dimension_high", bits == null ? null : bits[2]);
        json.print(spec, all, out -> print(out, found, energies.length, mean, bits));
        if (!found.reliable()) {
            warn(
                    "expected chains worth at least %.0f, found %.1f: log Z is likely too low; take"
                            + " more --steps",
                    LogZEstimate.LEAST_ESS, found.ess());
        }
        if (mean != null && found.meanEnergy() > highest(energies)) {
            warn(
                    "expected chains to end at energies like the images', mean E %.1f, found mean E"
                            + " %.1f: they have not found where images are, and log Z is too low",
                    mean, found.meanEnergy());
        }
    }

    private static double highest(double[] energies) {
        return Arrays.stream(energies).max().orElseThrow();
    }

    private void warn(String format, Object... values) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(Locale.ROOT, format + "%n", values);
        err.flush();
    }

    private void print(
            PrintWriter out, LogZEstimate found, int images, Double mean, double[] bits) {
        out.printf(
                Locale.ROOT,
                "log Z %.2f [%.2f, %.2f] over pixels in [-%s, %s]%n"
                        + "%d chains of %d steps of %d gradients, worth %.1f; %.0f %% of steps"
                        + " accepted; they end at mean E %.1f%n",
                found.value(),
                found.low(),
                found.high(),
                box,
                box,
                chains,
                steps,
                leapfrog,
                found.ess(),
                100 * found.acceptance(),
                found.meanEnergy());
        if (bits != null) {
            out.printf(
                    Locale.ROOT,
                    "%d images: mean E %.1f, %.4f [%.4f, %.4f] bits per dimension%n",
                    images,
                    mean,
                    bits[0],
                    bits[1],
                    bits[2]);
        }
    }
}
