package io.ebmstream.job.purify;

import io.ebmstream.job.classify.ClassifySetup;
import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.config.InitialModel;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.StopRule;
import io.ebmstream.ops.energy.Network;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * What the purifier operator needs to know.
 *
 * @param model name of the model
 * @param network the energy
 * @param config how an image is purified
 * @param compute what computes
 * @param modelSeed seed of the untrained model's weights, as the learner has it
 * @param initial gives the model until a version arrives, or null for the untrained one
 * @param batch most images in a micro-batch, at least 1
 * @param maxDelay how long the first image of a micro-batch waits for more
 * @param queue images that may wait before the input is held up, at least {@code batch}
 * @param part images in one call of the executor, at least 1
 * @param slice length of a slice of computing
 * @param refiner how images with latents are refined; null where all are purified
 * @param classify how purified images are classified; null where they are not
 * @param stopRule when runs end early; null where they run all their steps
 * @param adaptive how steps follow the load; null where they do not
 * @param outlierDeviations spreads from the energies of known images beyond which an image is
 *     flagged; 0 for never
 * @param lockstep whether images name the version that must purify them
 */
public record PurifierSetup(
        String model,
        SerializableSupplier<Network> network,
        SerializableSupplier<PurifierConfig> config,
        ComputeChoice compute,
        long modelSeed,
        SerializableSupplier<InitialModel> initial,
        int batch,
        Duration maxDelay,
        int queue,
        int part,
        Duration slice,
        RefinerSetup refiner,
        ClassifySetup classify,
        SerializableSupplier<StopRule> stopRule,
        AdaptiveSteps adaptive,
        double outlierDeviations,
        boolean lockstep)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * The setup of a job.
     *
     * @param job its configuration; must be serializable to be part of a graph
     */
    public static PurifierSetup of(JobConfig job, ComputeChoice compute) {
        RefinerSetup refiner =
                job.hat().refines()
                        ? new RefinerSetup(
                                () -> job.hat().read(),
                                () ->
                                        job.hat()
                                                .toConfig(
                                                        job.compute().seed(),
                                                        job.learner().temperature()))
                        : null;
        return new PurifierSetup(
                job.model().name(),
                () -> job.model().build(),
                () -> job.purifier().toConfig(job.compute().seed(), job.learner().temperature()),
                compute,
                job.compute().seed(),
                () -> job.model().initialModel().orElse(null),
                job.purifier().batch(),
                job.purifier().maxDelay(),
                job.purifier().queue(),
                Purifier.DEFAULT_PART,
                job.compute().slice(),
                refiner,
                job.classify().toSetup(),
                () -> job.purifier().earlyStop().toRule(),
                job.purifier().adaptive().enabled()
                        ? new AdaptiveSteps(
                                job.purifier().adaptive().least(),
                                job.purifier().batch(),
                                job.purifier().queue())
                        : null,
                job.learner().admission(),
                job.purifier().lockstep());
    }

    /** Untrained until a version arrives; every run takes all its steps. */
    public PurifierSetup(
            String model,
            SerializableSupplier<Network> network,
            SerializableSupplier<PurifierConfig> config,
            ComputeChoice compute,
            long modelSeed,
            int batch,
            Duration maxDelay,
            int queue,
            int part,
            Duration slice,
            RefinerSetup refiner,
            ClassifySetup classify) {
        this(
                model,
                network,
                config,
                compute,
                modelSeed,
                () -> null,
                batch,
                maxDelay,
                queue,
                part,
                slice,
                refiner,
                classify,
                null,
                null,
                0,
                false);
    }

    /** The same, for images that name their version. */
    PurifierSetup inLockstep() {
        return with(adaptive, outlierDeviations, true);
    }

    /** The same, with steps that follow the load. */
    PurifierSetup withAdaptive(int least) {
        return with(new AdaptiveSteps(least, batch, queue), outlierDeviations, lockstep);
    }

    /** The same, with a flag on images far from known ones. */
    PurifierSetup withOutliers(double deviations) {
        return with(adaptive, deviations, lockstep);
    }

    private PurifierSetup with(AdaptiveSteps steps, double deviations, boolean byPosition) {
        return new PurifierSetup(
                model,
                network,
                config,
                compute,
                modelSeed,
                initial,
                batch,
                maxDelay,
                queue,
                part,
                slice,
                refiner,
                classify,
                stopRule,
                steps,
                deviations,
                byPosition);
    }

    /** When runs end early; null where they run all their steps. */
    StopRule stop() {
        return stopRule == null ? null : stopRule.get();
    }

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public PurifierSetup {
        if (batch < 1 || queue < batch || part < 1 || maxDelay.isNegative()) {
            throw new IllegalArgumentException(
                    "expected batch and part of at least 1, a queue of at least the batch and a"
                            + " delay of at least 0, found batch "
                            + batch
                            + ", part "
                            + part
                            + ", queue "
                            + queue
                            + ", delay "
                            + maxDelay);
        }
    }
}
