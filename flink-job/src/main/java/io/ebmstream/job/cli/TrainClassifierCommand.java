package io.ebmstream.job.cli;

import io.ebmstream.ops.classifier.Accuracy;
import io.ebmstream.ops.classifier.Augmentation;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.classifier.ClassifierTraining;
import io.ebmstream.ops.classifier.ClassifierTrainingConfig;
import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.classifier.Proportion;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.image.ImageDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm train-classifier}: a wide residual network on labelled images. */
@Command(
        name = "train-classifier",
        description =
                "Train a wide residual network to classify images, for ebm evaluate robustness and"
                        + " for classification behind the purifier. Ctrl-C leaves a checkpoint;"
                        + " --resume goes on from it.")
final class TrainClassifierCommand implements Callable<Integer> {
    private static final int ROW_EVERY = 25;
    private static final String CHECKPOINT = "checkpoint.safetensors";

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;
    @Mixin private TrainingImages images;
    @Mixin private JsonOption json;

    @Option(
            names = "--labels",
            paramLabel = "auto",
            defaultValue = "auto",
            description = "Where labels come from: auto takes them from the data set.")
    private String labels;

    @Option(
            names = "--test",
            paramLabel = "PATH",
            required = true,
            description = "Images that the accuracy is measured on.")
    private Path test;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            defaultValue = "wrn-16-2",
            description = "wrn-d-k, a wide residual network of depth d = 6 n + 4 and widening k.")
    private String network;

    @Option(
            names = "--width",
            paramLabel = "W",
            defaultValue = "" + WideResNet.DEFAULT_WIDTH,
            description = "Channels of the first layer.")
    private int width;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "30",
            description = "How often every image is seen; fractions are allowed.")
    private double epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "" + ClassifierTrainingConfig.DEFAULT_BATCH,
            description = "Images of one step.")
    private int batch;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            defaultValue = "" + ClassifierTrainingConfig.DEFAULT_RATE,
            description = "Largest rate; it rises over the first steps and falls as a cosine.")
    private double rate;

    @Option(
            names = "--momentum",
            paramLabel = "M",
            defaultValue = "" + ClassifierTrainingConfig.DEFAULT_MOMENTUM,
            description = "Nesterov's momentum.")
    private double momentum;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "" + ClassifierTrainingConfig.DEFAULT_WEIGHT_DECAY,
            description = "Decay of weights (not of biases and normalisations).")
    private double weightDecay;

    @Option(
            names = "--noise",
            paramLabel = "SIGMA",
            defaultValue = "0",
            description =
                    "Largest noise on training images, in units of [-1, 1]; each draws its own up"
                            + " to this. Helps behind a purifier, whose images keep some noise.")
    private double noise;

    @Option(
            names = "--shift",
            paramLabel = "PIXELS",
            defaultValue = "2",
            description = "Largest move of training images each way.")
    private int shift;

    @Option(
            names = "--flip",
            paramLabel = "WHICH",
            defaultValue = "auto",
            description = "Mirror training images left to right: yes, no, or auto (colour only).")
    private String flip;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of initial weights, order and augmentation.")
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
            description = "Folder of classifier.safetensors, training.csv and the checkpoint.")
    private Path out;

    private final AtomicBoolean stopped = new AtomicBoolean();

    @Override
    public Integer call() throws IOException {
        if (!labels.equals("auto")) {
            throw new UsageException("--labels: expected auto, found " + labels);
        }
        ImageDataset data = images.openLabelled();
        ImageDataset held = LabelledImages.open("--test", List.of(test), images.pad(), 0);
        Executors.Choice choice = compute.resolve();
        ClassifierTrainingConfig config = config(data);
        String settings =
                String.join(
                        " ",
                        config.toString(),
                        "width " + width,
                        "data " + data.size() + " of " + data.name(),
                        choice.executor().name(),
                        choice.precision().label());
        CheckpointFolder checkpoint = CheckpointFolder.open(out, CHECKPOINT, resume);
        try (ClassifierTraining training =
                        new ClassifierTraining(
                                config, choice.executor(), choice.precision(), data);
                Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            ClassifierTraining.checkLabels(held, config.network().input(), classes(config));
            if (resume) {
                training.restore(read(checkpoint, settings));
            }
            train(training, config, checkpoint, settings);
            if (training.done() < config.steps()) {
                return interrupts.exitCode(ExitCode.INTERRUPTED);
            }
            finish(training.weights(), config, choice, held, settings);
            return ExitCode.OK;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private static int classes(ClassifierTrainingConfig config) {
        return config.network().output().size();
    }

    private ClassifierTrainingConfig config(ImageDataset data) {
        boolean mirror =
                switch (flip) {
                    case "auto" -> data.shape().channels() == 3;
                    case "yes" -> true;
                    case "no" -> false;
                    default ->
                            throw new UsageException(
                                    "--flip: expected auto, yes or no, found " + flip);
                };
        try {
            int last = 0;
            for (int i = 0; i < data.size(); i++) {
                last = Math.max(last, data.image(i).label());
            }
            Network built =
                    ClassifierFile.network(network, data.shape(), Math.max(2, last + 1), width);
            return new ClassifierTrainingConfig(
                    built,
                    (int) Math.round(epochs * (data.size() / batch)),
                    batch,
                    rate,
                    momentum,
                    weightDecay,
                    new Augmentation(mirror, shift, noise),
                    seed);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private void train(
            ClassifierTraining training,
            ClassifierTrainingConfig config,
            CheckpointFolder checkpoint,
            String settings)
            throws IOException {
        Path table = out.resolve("training.csv");
        trim(table, training.done());
        double loss = Double.NaN;
        double right = Double.NaN;
        try (PrintWriter csv =
                        new PrintWriter(
                                Files.newBufferedWriter(
                                        table,
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.APPEND));
                StepProgress progress =
                        new StepProgress(
                                spec.commandLine().getErr(),
                                "steps",
                                training.done(),
                                config.steps())) {
            while (training.done() < config.steps() && !stopped.get()) {
                training.step();
                loss = smooth(loss, training.loss());
                right = smooth(right, training.batchAccuracy());
                progress.show(
                        training.done(),
                        String.format(Locale.ROOT, "loss %.3f accuracy %.3f", loss, right));
                if (training.done() % ROW_EVERY == 0) {
                    csv.printf(
                            Locale.ROOT,
                            "%d,%.6f,%.4f,%.6g%n",
                            training.done(),
                            training.loss(),
                            training.batchAccuracy(),
                            config.rateAt(training.done() - 1));
                }
                if (training.done() % checkpointEvery == 0) {
                    csv.flush();
                    write(checkpoint, training.state(), settings);
                }
            }
        }
        write(checkpoint, training.state(), settings);
    }

    private static double smooth(double before, double value) {
        return Double.isNaN(before) ? value : 0.95 * before + 0.05 * value;
    }

    /** Takes away rows of steps that will be done again. */
    private static void trim(Path table, int done) throws IOException {
        List<String> rows = new ArrayList<>(List.of("step,loss,batch_accuracy,learning_rate"));
        if (Files.exists(table)) {
            for (String row : Files.readAllLines(table)) {
                if (Character.isDigit(row.charAt(0))
                        && Integer.parseInt(row.substring(0, row.indexOf(','))) <= done) {
                    rows.add(row);
                }
            }
        }
        Files.write(table, rows);
    }

    private void finish(
            float[] weights,
            ClassifierTrainingConfig config,
            Executors.Choice choice,
            ImageDataset held,
            String settings)
            throws IOException {
        Proportion accuracy;
        // float32 whatever it was trained in: what is reported is the same everywhere
        try (NetworkClassifier classifier =
                new NetworkClassifier(
                        config.network(),
                        choice.executor(),
                        Precision.FLOAT32,
                        NetworkClassifier.DEFAULT_BATCH,
                        weights)) {
            accuracy = Accuracy.of(classifier, held, 0, held.size());
        }
        Path file = out.resolve("classifier.safetensors");
        new ClassifierFile(
                        config.network(),
                        width,
                        weights,
                        Map.of(
                                "training",
                                settings,
                                "test_accuracy",
                                accuracy.toString(),
                                "test",
                                held.name()))
                .write(file);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("accuracy", accuracy.value());
        result.put("accuracy_low", accuracy.low());
        result.put("accuracy_high", accuracy.high());
        result.put("images", held.size());
        result.put("test", held.name());
        result.put("steps", config.steps());
        result.put("classifier", file.toString());
        json.print(
                spec,
                result,
                text -> text.printf("accuracy on %s: %s%n%s%n", held.name(), accuracy, file));
    }

    private static void write(
            CheckpointFolder checkpoint, ClassifierTraining.State state, String settings)
            throws IOException {
        checkpoint.write(
                settings,
                state.done(),
                List.of("weights", "velocity"),
                List.of(state.weights(), state.velocity()));
    }

    private static ClassifierTraining.State read(CheckpointFolder checkpoint, String settings)
            throws IOException {
        CheckpointFolder.Kept kept = checkpoint.read(settings, 2);
        return new ClassifierTraining.State(
                kept.done(), kept.arrays().get(0), kept.arrays().get(1));
    }
}
