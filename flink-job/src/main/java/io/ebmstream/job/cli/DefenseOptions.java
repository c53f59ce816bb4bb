package io.ebmstream.job.cli;

import io.ebmstream.ops.attack.AttackConfig;
import io.ebmstream.ops.attack.EotAttackConfig;
import io.ebmstream.ops.attack.Norm;
import io.ebmstream.ops.attack.PerturbationBall;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.defense.EarlyStop;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.VoteStop;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.onnx.OnnxInput;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A defense, the images that it is measured on, and the attack. */
final class DefenseOptions {
    @Mixin private ComputeOptions compute;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "Energy model: its folder, or the file model.safetensors.")
    private Path model;

    @Option(
            names = "--classifier",
            paramLabel = "PATH",
            required = true,
            description =
                    "Classifier: what ebm train-classifier wrote (the folder or the file), or a"
                            + " model *.onnx, which gives no gradients.")
    private Path classifier;

    @Option(
            names = "--surrogate",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Another classifier of ebm train-classifier, whose gradients an attacker uses"
                            + " in place of the classifier's.")
    private Path surrogate;

    @Option(
            names = "--onnx-layout",
            paramLabel = "LAYOUT",
            defaultValue = "nchw",
            description = "Order of an ONNX model's input: nchw or nhwc.")
    private String onnxLayout;

    @Option(
            names = "--onnx-range",
            paramLabel = "RANGE",
            defaultValue = "symmetric",
            description = "Range of its pixels: symmetric [-1, 1] or unit [0, 1].")
    private String onnxRange;

    @Option(
            names = "--onnx-mean",
            paramLabel = "M,..",
            defaultValue = "",
            description = "Means that are taken from its pixels, one or one for each channel.")
    private String onnxMean;

    @Option(
            names = "--onnx-deviation",
            paramLabel = "S,..",
            defaultValue = "",
            description = "What its pixels are divided by then.")
    private String onnxDeviation;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "Images with labels that neither model was trained on.")
    private Path images;

    @Option(
            names = "--offset",
            paramLabel = "N",
            defaultValue = "0",
            description = "Leave out the first N images.")
    private int offset;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "500",
            description = "Number of images.")
    private int count;

    @Option(
            names = "--eps",
            paramLabel = "EPS",
            converter = Fraction.class,
            showDefaultValue = Visibility.NEVER,
            description =
                    "Langevin step size of purification, pixel units of [-1, 1]. Without: that of"
                            + " the model's training.")
    private Double eps;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Temperature of purification. Without: that of the model's training times"
                            + " (eps / its eps)^2, which keeps the drift eps^2/2T of one step.")
    private Double temperature;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "200",
            description = "Langevin steps of one purification.")
    private int steps;

    @Option(
            names = "--stop-energy",
            paramLabel = "U/T",
            showDefaultValue = Visibility.NEVER,
            description =
                    "End a purification early, at the first look where its energy U/T is at most"
                            + " this; ebm evaluate purification says which values are good."
                            + " Without: always K steps.")
    private Double stopEnergy;

    @Option(
            names = "--stop-first",
            paramLabel = "STEPS",
            defaultValue = "" + EarlyStop.DEFAULT_FIRST,
            description = "Steps before the first look.")
    private int stopFirst;

    @Option(
            names = "--stop-every",
            paramLabel = "STEPS",
            defaultValue = "" + EarlyStop.DEFAULT_EVERY,
            description = "Steps between looks.")
    private int stopEvery;

    @Option(
            names = "--eot",
            paramLabel = "MEAN",
            defaultValue = "logits",
            description = "What is averaged over purifications: logits, softmax or log-softmax.")
    private String eot;

    @Option(
            names = "--replicates",
            paramLabel = "R",
            defaultValue = "" + EotAttackConfig.DEFAULT_VERIFY_REPLICATES,
            description = "Purifications of one classification (128 to 150 in the papers).")
    private int replicates;

    @Option(
            names = "--stop-margin",
            paramLabel = "MARGIN",
            showDefaultValue = Visibility.NEVER,
            description =
                    "End an answer's vote early, after a round of purifications with this margin of"
                            + " votes, up to 1. 0: only where the purifications left cannot change"
                            + " the label, which --eot softmax tells. Without: R always vote.")
    private Double stopMargin;

    @Option(
            names = "--stop-round",
            paramLabel = "N",
            defaultValue = "" + VoteStop.DEFAULT_ROUND,
            description = "Purifications of a round of the vote.")
    private int stopRound;

    @Option(
            names = "--norm",
            paramLabel = "NORM",
            defaultValue = "linf",
            description = "How the attack is bounded: linf or l2.")
    private Norm norm;

    @Option(
            names = "--radius",
            paramLabel = "R",
            defaultValue = "8/255",
            converter = Fraction.class,
            description = "Bound of the attack, for pixels from 0 to 1.")
    private double radius;

    @Option(
            names = "--attack-step",
            paramLabel = "A",
            converter = Fraction.class,
            showDefaultValue = Visibility.NEVER,
            description = "Step of the attack, for pixels from 0 to 1. Without: a quarter of R.")
    private Double attackStep;

    @Option(
            names = "--attack-steps",
            paramLabel = "N",
            defaultValue = "" + AttackConfig.DEFAULT_STEPS,
            description = "Steps of an attack.")
    private int attackSteps;

    @Option(
            names = "--attack-replicates",
            paramLabel = "R_A",
            defaultValue = "" + EotAttackConfig.DEFAULT_ATTACK_REPLICATES,
            description = "Purifications for one gradient (15 to 48 in the papers).")
    private int attackReplicates;

    @Option(
            names = "--no-random-start",
            description = "Begin attacks at the image, not at a random place around it.")
    private boolean noRandomStart;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of the defense's noise and of the attacks.")
    private long seed;

    @Option(
            names = "--workers",
            paramLabel = "W",
            defaultValue = "0",
            description = "Cores to use; 0 is all. Results do not depend on it.")
    private int workers;

    @Option(
            names = "--part",
            paramLabel = "N",
            defaultValue = "16",
            description = "Chains in one call of the executor. Results do not depend on it.")
    private int part;

    ModelFile model() {
        return ModelArgument.read("--model", model);
    }

    /** The file of the classifier: an ONNX model or one of ours. */
    Path classifierPath() {
        return classifier;
    }

    boolean isOnnx() {
        return classifier.getFileName().toString().endsWith(".onnx");
    }

    /** The classifier, where it is one of ours. */
    ClassifierFile classifier() {
        return read("--classifier", classifier);
    }

    /** What gives gradients in the classifier's place, or null. */
    ClassifierFile surrogate() {
        return surrogate == null ? null : read("--surrogate", surrogate);
    }

    OnnxInput onnxInput() {
        return OnnxInput.parse(onnxLayout, onnxRange, onnxMean, onnxDeviation);
    }

    private static ClassifierFile read(String option, Path path) {
        try {
            return ClassifierFile.read(
                    Files.isDirectory(path) ? path.resolve("classifier.safetensors") : path);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }

    /** Images of the model's shape, padded to it where they are smaller. */
    ImageDataset images(ImageShape shape) {
        ImageDataset data =
                LabelledImages.open("--images", List.of(images), shape.height(), offset + count);
        if (!data.shape().equals(shape)) {
            throw new UsageException(
                    "--images: expected images of " + shape + " or smaller, found " + data.shape());
        }
        if (offset < 0 || count < 1 || data.size() < offset + count) {
            throw new UsageException(
                    "expected --offset and --count within the "
                            + data.size()
                            + " images, found "
                            + offset
                            + " and "
                            + count);
        }
        return data;
    }

    /** Images in one call of the executor. */
    int part() {
        return part;
    }

    int workers() {
        return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
    }

    int offset() {
        return offset;
    }

    int count() {
        return count;
    }

    long seed() {
        return seed;
    }

    int replicates() {
        return replicates;
    }

    ComputeOptions compute() {
        return compute;
    }

    EotMean mean() {
        for (EotMean value : EotMean.values()) {
            if (value.label().equals(eot)) {
                return value;
            }
        }
        throw new UsageException("--eot: expected logits, softmax or log-softmax, found " + eot);
    }

    /** The dynamics asked for, or those of the model's training. */
    PurifierConfig purifier(ModelFile file) {
        return purifier(file, eps, temperature, steps).withEarlyStop(earlyStop(stopEnergy));
    }

    /**
     * @param stepSize eps, or null for that of the model's training
     * @param heat T, or null for the one that keeps the drift of one step
     */
    PurifierConfig purifier(ModelFile file, Double stepSize, Double heat, int k) {
        LangevinConfig trained = file.langevin();
        double size = stepSize == null ? trained.stepSize() : stepSize;
        double ratio = size / trained.stepSize();
        double t = heat == null ? trained.temperature() * ratio * ratio : heat;
        return new PurifierConfig(
                new LangevinConfig(size, t, trained.tau(), trained.maxLangevinNorm()),
                k,
                seed,
                trained.temperature());
    }

    /** Steps of one purification. */
    int steps() {
        return steps;
    }

    /**
     * @param level U/T, or null for none
     */
    EarlyStop earlyStop(Double level) {
        return level == null ? null : new EarlyStop(level, stopFirst, stopEvery);
    }

    /** When votes end early; null where R always vote. */
    VoteStop voteStop() {
        return stopMargin == null ? null : new VoteStop(stopRound, stopMargin);
    }

    AttackConfig attack() {
        double step = attackStep == null ? radius * AttackConfig.DEFAULT_STEP_SHARE : attackStep;
        return new AttackConfig(
                new PerturbationBall(norm, radius, step), attackSteps, !noRandomStart, seed);
    }

    EotAttackConfig eotAttack(boolean fixedNoise) {
        return new EotAttackConfig(attack(), attackReplicates, replicates, fixedNoise, true);
    }

    /** The attack in words, for titles. */
    String title() {
        return String.format(Locale.ROOT, "%s %.4g (%.3g/255)", norm.label(), radius, radius * 255);
    }
}
