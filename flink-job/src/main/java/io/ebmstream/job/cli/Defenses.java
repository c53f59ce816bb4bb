package io.ebmstream.job.cli;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.classifier.DifferentiableClassifier;
import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.ParallelPurifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.VoteStop;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.onnx.OnnxClassifier;
import io.ebmstream.ops.state.Sha256;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A classifier and purified ones of a model, on several cores. Close it to free them. */
final class Defenses implements AutoCloseable {
    /** Images of one call of the classifier; workers share them out. */
    private static final int CLASSIFIER_BATCH = 128;

    private final WorkerPool pool;
    private final Executors.Choice choice;
    private final int part;
    private final Network energy;
    private final float[] weights;
    private final EotMean mean;
    private final VoteStop stop;
    private final Classifier classifier;
    private final String name;
    private final String hash;
    private NetworkClassifier surrogate;
    private final List<ParallelPurifier> purifiers = new ArrayList<>();

    /**
     * @throws UsageException if model and classifier do not fit, or the executor is not there
     */
    Defenses(DefenseOptions options, ModelFile model) throws IOException {
        choice = options.compute().resolve();
        part = options.part();
        mean = options.mean();
        stop = options.voteStop();
        energy = model.energy().network();
        weights = model.energy().weights();
        pool = new WorkerPool(options.workers(), "evaluate");
        try {
            if (options.isOnnx()) {
                Path file = options.classifierPath();
                classifier = OnnxClassifier.open(file, options.onnxInput(), energy.input());
                name = file.getFileName() + " " + options.onnxInput();
                hash = Sha256.hex(Files.readAllBytes(file));
            } else {
                ClassifierFile file = options.classifier();
                classifier = compile(file);
                name = file.network().name() + " width " + file.width();
                hash = file.hash();
            }
            if (options.surrogate() != null) {
                surrogate = compile(options.surrogate());
            }
        } catch (RuntimeException | IOException e) {
            pool.close();
            throw e;
        }
    }

    private NetworkClassifier compile(ClassifierFile file) {
        if (!file.network().input().equals(energy.input())) {
            throw new UsageException(
                    "expected a classifier of "
                            + energy.input()
                            + " like the model, found one of "
                            + file.network().input());
        }
        // float32: attacks need its gradients, and its cost is small beside purification
        return new NetworkClassifier(
                file.network(),
                ParallelExecutor.of(choice.executor(), pool, part),
                Precision.FLOAT32,
                CLASSIFIER_BATCH,
                file.weights());
    }

    /** The classifier in words. */
    String name() {
        return name;
    }

    /** SHA-256 of the classifier. */
    String hash() {
        return hash;
    }

    /**
     * What an attacker differentiates.
     *
     * @throws UsageException if there is nothing that gives gradients
     */
    DifferentiableClassifier gradients() {
        if (surrogate != null) {
            return surrogate;
        }
        if (classifier instanceof DifferentiableClassifier differentiable) {
            return differentiable;
        }
        throw new UsageException(
                "expected a classifier with gradients for this attack, found "
                        + name
                        + "; give a --surrogate, or use --attacks"
                        + " bare,purified,bare-square,square");
    }

    WorkerPool pool() {
        return pool;
    }

    Executors.Choice choice() {
        return choice;
    }

    Classifier classifier() {
        return classifier;
    }

    /** A defense in the precision asked for. */
    Eot eot(PurifierConfig config) {
        return eot(config, choice.precision());
    }

    /** A defense; its purifier is closed with this. */
    Eot eot(PurifierConfig config, Precision precision) {
        ParallelPurifier purifier =
                new ParallelPurifier(
                        energy, choice.executor(), precision, config, part, pool, weights);
        purifiers.add(purifier);
        return new Eot(purifier, classifier, mean, stop);
    }

    /** A defense for a while. Close it to free its purifier. */
    record Lent(Eot eot, ParallelPurifier purifier) implements AutoCloseable {
        @Override
        public void close() {
            purifier.close();
        }
    }

    /** A defense in the precision asked for, that the caller closes. */
    Lent lend(PurifierConfig config) {
        ParallelPurifier purifier =
                new ParallelPurifier(
                        energy, choice.executor(), choice.precision(), config, part, pool, weights);
        return new Lent(new Eot(purifier, classifier, mean, stop), purifier);
    }

    /** Langevin steps times chains so far, of all defenses. */
    long imageSteps() {
        return purifiers.stream().mapToLong(ParallelPurifier::imageSteps).sum();
    }

    @Override
    public void close() {
        purifiers.forEach(ParallelPurifier::close);
        classifier.close();
        if (surrogate != null) {
            surrogate.close();
        }
        pool.close();
    }
}
