package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.defense.EotVote;
import io.ebmstream.ops.defense.ParallelPurifier;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ClassFolders;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm purify}: images on disk through a model's purifier, without a stream. */
@Command(
        name = "purify",
        description =
                "Purify images into a folder of PNG files, with a folder for each class where they"
                        + " have labels: to look at, or for ebm train-classifier to learn what comes"
                        + " out of a purifier.")
final class PurifyCommand implements Callable<Integer> {
    /** Chains in memory at a time. */
    private static final int AT_ONCE = 256;

    /** Chains in one call of the executor. */
    private static final int PART = 64;

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private TrainingImages images;
    @Mixin private JsonOption json;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "The model that purifies: a folder or file that ebm train wrote.")
    private Path model;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "100",
            description = "Langevin steps of each purification.")
    private int steps;

    @Option(
            names = "--step-size",
            paramLabel = "EPS",
            showDefaultValue = Visibility.NEVER,
            description = "Langevin step size in units of [-1, 1]; the model's own by default.")
    private Double stepSize;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            showDefaultValue = Visibility.NEVER,
            description = "Temperature; the model's own by default.")
    private Double temperature;

    @Option(
            names = "--copies",
            paramLabel = "R",
            defaultValue = "1",
            description = "Independent purifications of each image.")
    private int copies;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of the noise.")
    private long seed;

    @Option(
            names = "--workers",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "Threads that compute; one for each core by default.")
    private Integer workers;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder for the purified images; new or empty.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    @Override
    public Integer call() throws IOException {
        try (Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            return interrupts.exitCode(run());
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private int run() throws IOException {
        if (copies < 1) {
            throw new UsageException("--copies: expected at least 1, found " + copies);
        }
        OutFolder.checkEmpty(out);
        ModelFile file = ModelArgument.read("--model", model);
        Network network = file.energy().network();
        ImageDataset data = images.open(network.input());
        LangevinConfig own = file.langevin();
        LangevinConfig langevin =
                new LangevinConfig(
                        stepSize == null ? own.stepSize() : stepSize,
                        temperature == null ? own.temperature() : temperature,
                        own.tau(),
                        own.maxLangevinNorm());
        PurifierConfig config = new PurifierConfig(langevin, steps, seed, own.temperature());
        Executors.Choice choice = compute.resolve();
        int threads = workers == null ? Runtime.getRuntime().availableProcessors() : workers;
        try (WorkerPool pool = new WorkerPool(threads, "purify");
                ParallelPurifier purifier =
                        new ParallelPurifier(
                                network,
                                choice.executor(),
                                choice.precision(),
                                config,
                                PART,
                                pool,
                                file.energy().weights())) {
            return purify(data, purifier);
        }
    }

    private int purify(ImageDataset data, ParallelPurifier purifier) throws IOException {
        int size = data.shape().size();
        int atOnce = Math.max(1, AT_ONCE / copies);
        double squares = 0;
        try (StepProgress progress =
                new StepProgress(spec.commandLine().getErr(), "images", 0, data.size())) {
            for (int from = 0; from < data.size(); from += atOnce) {
                if (stopped.get()) {
                    return ExitCode.INTERRUPTED;
                }
                int count = Math.min(atOnce, data.size() - from);
                float[] pixels = new float[count * size];
                int[] of = new int[count * copies];
                long[] chains = new long[count * copies];
                for (int i = 0; i < count; i++) {
                    data.image(from + i).toFloat(pixels, i * size);
                }
                for (int j = 0; j < of.length; j++) {
                    of[j] = j / copies;
                    long image = PurificationImage.chain(Integer.toString(from + of[j]));
                    chains[j] = EotVote.chain(image, j % copies);
                }
                float[] ends = new float[of.length * size];
                purifier.purify(pixels, of, chains, ends, null);
                for (int j = 0; j < of.length; j++) {
                    Image image = Image.fromFloat(data.shape(), ends, j * size);
                    write(data, from + of[j], j % copies, image);
                    squares += squares(pixels, of[j] * size, ends, j * size, size);
                }
                progress.show(from + count, "");
            }
        }
        int written = data.size() * copies;
        double change = Math.sqrt(squares / ((double) written * size));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("images", written);
        result.put("rms_change", change);
        result.put("folder", out.toString());
        json.print(
                spec,
                result,
                text ->
                        text.printf(
                                Locale.ROOT,
                                "%d purified images in %s, root mean square change %.4f%n",
                                written,
                                out,
                                change));
        return ExitCode.OK;
    }

    private void write(ImageDataset data, int index, int copy, Image image) throws IOException {
        Path folder = out;
        int label = data.image(index).label();
        if (data.image(index).hasLabel()) {
            folder = out.resolve(ClassFolders.name(label, data.classNames()));
        }
        Files.createDirectories(folder);
        Files.write(
                folder.resolve(String.format("%07d-%d.png", index, copy)),
                ImageCodec.encode(image, ImageEncoding.PNG));
    }

    private static double squares(float[] a, int atA, float[] b, int atB, int size) {
        double sum = 0;
        for (int k = 0; k < size; k++) {
            double difference = (double) a[atA + k] - b[atB + k];
            sum += difference * difference;
        }
        return sum;
    }
}
