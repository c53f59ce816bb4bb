package io.ebmstream.job.cli;

import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.ParallelPurifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.weights.ModelFile;
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
    private final NetworkClassifier classifier;
    private final List<ParallelPurifier> purifiers = new ArrayList<>();

    /**
     * @throws UsageException if model and classifier do not fit, or the executor is not there
     */
    Defenses(DefenseOptions options, ModelFile model, ClassifierFile file) {
        choice = options.compute().resolve();
        part = options.part();
        mean = options.mean();
        energy = model.energy().network();
        weights = model.energy().weights();
        if (!file.network().input().equals(energy.input())) {
            throw new UsageException(
                    "expected a classifier of "
                            + energy.input()
                            + " like the model, found one of "
                            + file.network().input());
        }
        pool = new WorkerPool(options.workers(), "evaluate");
        try {
            // float32: attacks need its gradients, and its cost is small beside purification
            classifier =
                    new NetworkClassifier(
                            file.network(),
                            new ParallelExecutor(choice.executor(), pool, part),
                            Precision.FLOAT32,
                            CLASSIFIER_BATCH,
                            file.weights());
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    WorkerPool pool() {
        return pool;
    }

    Executors.Choice choice() {
        return choice;
    }

    NetworkClassifier classifier() {
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
        return new Eot(purifier, classifier, mean);
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
        return new Lent(new Eot(purifier, classifier, mean), purifier);
    }

    /** Langevin steps times chains so far, of all defenses. */
    long imageSteps() {
        return purifiers.stream().mapToLong(ParallelPurifier::imageSteps).sum();
    }

    @Override
    public void close() {
        purifiers.forEach(ParallelPurifier::close);
        classifier.close();
        pool.close();
    }
}
