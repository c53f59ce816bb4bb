package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.Autoencoder;
import io.ebmstream.ops.hat.AutoencoderConfig;
import io.ebmstream.ops.hat.AutoencoderFile;
import io.ebmstream.ops.hat.AutoencoderTraining;
import io.ebmstream.ops.hat.Reconstruction;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.image.InMemoryDataset;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm train-autoencoder}: the generator of preset hat-retrofit. */
@Command(
        name = "train-autoencoder",
        description =
                "Train a deterministic autoencoder with latents of 16x16x1, whose decoder is the"
                        + " generator of preset hat-retrofit. Ctrl-C leaves a checkpoint; --resume"
                        + " goes on from it.")
final class TrainAutoencoderCommand implements Callable<Integer> {
    private static final String CHECKPOINT = "checkpoint.safetensors";
    private static final int GRID = 8;

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private TrainingImages images;
    @Mixin private JsonOption json;

    @Option(
            names = "--held-out",
            paramLabel = "N",
            defaultValue = "256",
            description = "Images at the end of the set that are measured with, not trained on.")
    private int heldOut;

    @Option(
            names = "--n",
            paramLabel = "N",
            defaultValue = "" + Autoencoder.DEFAULT_WIDTH,
            description = "Channels of the outermost layer.")
    private int n;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "20",
            description = "How often every image is seen; fractions are allowed.")
    private double epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "" + AutoencoderConfig.DEFAULT_BATCH,
            description = "Images of one step.")
    private int batch;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            defaultValue = "" + AutoencoderConfig.DEFAULT_RATE,
            description = "Adam's rate.")
    private double rate;

    @Option(
            names = "--noise",
            paramLabel = "SIGMA",
            defaultValue = "" + AutoencoderConfig.DEFAULT_NOISE,
            description = "Noise on the images that the encoder reads, in units of [-1, 1].")
    private double noise;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of initial weights, order and noise.")
    private long seed;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "STEPS",
            defaultValue = "200",
            description = "Steps between checkpoints.")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Go on from the checkpoint in the folder.")
    private boolean resume;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description =
                    "Folder of "
                            + AutoencoderFile.NAME
                            + ", report.json, reconstructions.png and"
                            + " the checkpoint.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    /** What is reported. */
    private record Report(
            Reconstruction heldOut, String images, int trainedOn, int steps, String settings) {}

    @Override
    public Integer call() throws IOException {
        ImageDataset read = images.open();
        List<Image> all = IntStream.range(0, read.size()).mapToObj(read::image).toList();
        if (heldOut < 1 || heldOut >= all.size() || checkpointEvery < 1) {
            throw new UsageException(
                    "expected --checkpoint-every of at least 1 and --held-out from 1 to below the"
                            + " number of images, "
                            + all.size()
                            + ", found "
                            + checkpointEvery
                            + " and "
                            + heldOut);
        }
        ImageDataset data =
                new InMemoryDataset(
                        images.names(), all.subList(0, all.size() - heldOut), List.of());
        List<Image> held = all.subList(all.size() - heldOut, all.size());
        Executors.Choice choice = compute.resolve();
        AutoencoderConfig config;
        try {
            config =
                    new AutoencoderConfig(
                            data.shape(),
                            n,
                            (int) Math.round(epochs * (data.size() / batch)),
                            batch,
                            rate,
                            noise,
                            seed);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException(e.getMessage(), e);
        }
        String settings =
                String.join(
                        " ",
                        config.toString(),
                        "data " + data.size() + " of " + data.name(),
                        choice.executor().name(),
                        choice.precision().label());
        CheckpointFolder checkpoint = CheckpointFolder.open(out, CHECKPOINT, resume);
        try (AutoencoderTraining training =
                        new AutoencoderTraining(
                                config, choice.executor(), choice.precision(), data);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            if (resume) {
                training.restore(read(checkpoint, settings));
            }
            train(training, config, checkpoint, settings);
            if (training.done() < config.steps()) {
                return interrupts.exitCode(ExitCode.INTERRUPTED);
            }
            finish(training, config, choice, data, held, settings);
            return ExitCode.OK;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private void train(
            AutoencoderTraining training,
            AutoencoderConfig config,
            CheckpointFolder checkpoint,
            String settings)
            throws IOException {
        double smooth = Double.NaN;
        try (StepProgress progress =
                new StepProgress(
                        spec.commandLine().getErr(), "steps", training.done(), config.steps())) {
            while (training.done() < config.steps() && !stopped.get()) {
                training.step();
                smooth =
                        Double.isNaN(smooth)
                                ? training.loss()
                                : 0.95 * smooth + 0.05 * training.loss();
                progress.show(
                        training.done(),
                        String.format(Locale.ROOT, "reconstruction error %.5f", smooth));
                if (training.done() % checkpointEvery == 0) {
                    write(checkpoint, training.state(), settings);
                }
            }
        }
        write(checkpoint, training.state(), settings);
    }

    private void finish(
            AutoencoderTraining training,
            AutoencoderConfig config,
            Executors.Choice choice,
            ImageDataset data,
            List<Image> held,
            String settings)
            throws IOException {
        ModelFile.Part encoder = new ModelFile.Part(config.encoder(), training.encoderWeights());
        ModelFile.Part decoder = new ModelFile.Part(config.decoder(), training.decoderWeights());
        List<Image> given = Reconstruction.images(encoder, decoder, choice.executor(), held);
        Reconstruction measured = Reconstruction.of(held, given);
        Report report = new Report(measured, data.name(), data.size(), config.steps(), settings);
        Files.writeString(out.resolve("report.json"), JsonText.of(report));
        ImageGrid grid = new ImageGrid(3);
        for (int row = 0; row < 4 && row * GRID < held.size(); row++) {
            int to = Math.min(held.size(), (row + 1) * GRID);
            grid.row("held out", held.subList(row * GRID, to));
            grid.row("D(E(x))", given.subList(row * GRID, to));
        }
        grid.write(out.resolve("reconstructions.png"));
        Path file =
                new AutoencoderFile(
                                encoder,
                                decoder,
                                new TreeMap<>(
                                        Map.of(
                                                "training",
                                                settings,
                                                "mse",
                                                Double.toString(measured.mse()))))
                        .write(out.resolve(AutoencoderFile.NAME));
        json.print(
                spec,
                report,
                text ->
                        text.printf(
                                Locale.ROOT,
                                "held-out reconstruction (%d images): mse %.5f in [-1, 1], psnr"
                                        + " %.2f dB, ssim %.4f%n%s%n",
                                measured.count(),
                                measured.mse(),
                                measured.psnr(),
                                measured.ssim(),
                                file));
    }

    private static void write(
            CheckpointFolder checkpoint, AutoencoderTraining.State state, String settings)
            throws IOException {
        checkpoint.write(
                settings,
                state.done(),
                List.of("encoder", "decoder", "encoder.moments", "decoder.moments"),
                List.of(
                        state.encoder(),
                        state.decoder(),
                        state.encoderMoments(),
                        state.decoderMoments()));
    }

    private static AutoencoderTraining.State read(CheckpointFolder checkpoint, String settings)
            throws IOException {
        CheckpointFolder.Kept kept = checkpoint.read(settings, 4);
        return new AutoencoderTraining.State(
                kept.done(),
                kept.arrays().get(0),
                kept.arrays().get(1),
                kept.arrays().get(2),
                kept.arrays().get(3));
    }
}
