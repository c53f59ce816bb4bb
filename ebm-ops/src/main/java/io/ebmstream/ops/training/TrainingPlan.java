package io.ebmstream.ops.training;

import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.util.Map;

/**
 * What is trained, and what is left behind on the way.
 *
 * @param config how the model learns; its replay buffer and its warm-up must be as large as the set
 *     of images
 * @param network the energy network's name, for the model file; must build the configuration's
 * @param fixed networks that do not learn, by role in the model file: a given generator, a prior
 * @param generator name of the generator that learns, or null
 * @param preset name of the preset, or "" for none
 * @param start version of the model that the initial weights are, {@link ModelVersion#INITIAL} for
 *     random ones
 * @param weightsName where initial weights come from, for provenance; "random" or a hash
 * @param part images in one call of the executor that computes, at least 1; with several workers
 *     the configuration's part is larger, and the result the same
 * @param checkpointEvery updates between two checkpoints, at least 1
 * @param guard rails around learning; a run may be gone on with under others
 */
public record TrainingPlan(
        LearnerConfig config,
        NetworkSpec network,
        Map<String, ModelFile.Part> fixed,
        NetworkSpec generator,
        String preset,
        ModelVersion start,
        String weightsName,
        int part,
        int checkpointEvery,
        GuardConfig guard) {
    /** Name of random initial weights. */
    public static final String RANDOM = "random";

    /** Updates between two checkpoints unless said otherwise. */
    public static final int DEFAULT_CHECKPOINT_EVERY = 250;

    /**
     * @throws IllegalArgumentException if the network's name gives another network, or the interval
     *     is out of range
     */
    public TrainingPlan {
        fixed = Map.copyOf(fixed);
        if (!network.build().toString().equals(config.network().toString())) {
            throw new IllegalArgumentException(
                    "expected the name of " + config.network() + ", found " + network);
        }
        if (checkpointEvery < 1) {
            throw new IllegalArgumentException(
                    "expected a checkpoint every 1 or more updates, found " + checkpointEvery);
        }
    }

    /** A plan of an energy alone. */
    public static TrainingPlan of(
            LearnerConfig config, NetworkSpec network, String preset, int part, int every) {
        return new TrainingPlan(
                config,
                network,
                Map.of(),
                null,
                preset,
                ModelVersion.INITIAL,
                RANDOM,
                part,
                every,
                guard(config));
    }

    /**
     * Weights that a run begins with: of networks that do not learn those that are fixed, of the
     * others the model's, or random ones where it has none.
     *
     * @param initial a trained model, or null
     */
    public LearnerWeights weights(ModelFile initial) {
        LearnerWeights random = LearnerWeights.random(config);
        ModelFile.Part given =
                generator == null || initial == null
                        ? fixed.get(ModelFile.GENERATOR)
                        : initial.others().get(ModelFile.GENERATOR);
        return new LearnerWeights(
                        initial == null ? random.energy() : initial.energy().weights(),
                        random.generator(),
                        null)
                .withGenerator(weights(given))
                .withPrior(weights(fixed.get(ModelFile.PRIOR)));
    }

    private static float[] weights(ModelFile.Part part) {
        return part == null ? null : part.weights();
    }

    /** With other rails. */
    public TrainingPlan withGuard(GuardConfig value) {
        return new TrainingPlan(
                config,
                network,
                fixed,
                generator,
                preset,
                start,
                weightsName,
                part,
                checkpointEvery,
                value);
    }

    /** Rails with their defaults and one kept state: checkpoints are the older ones. */
    public static GuardConfig guard(LearnerConfig config) {
        return GuardConfig.of(config.start(), config.rejuvenation().at(0))
                .withRollBacks(
                        GuardConfig.DEFAULT_POINT_EVERY, 1, GuardConfig.DEFAULT_MAX_ROLL_BACKS);
    }
}
