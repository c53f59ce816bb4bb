package io.ebmstream.ops.study;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.List;

/**
 * What {@link PrecisionStudy} trains and measures. Learning follows the learner's defaults.
 *
 * @param network the energy
 * @param updates of every training run, at least 2
 * @param seeds one pair of runs (float32, bf16) for each; at least 1
 * @param heldOut images at the end of the data set that nobody trains on, at least {@link
 *     #LEAST_HELD_OUT}
 * @param purifySteps K of the purifications
 * @param noise standard deviation of the noise to purify, in units of [-1, 1]
 */
public record PrecisionStudyConfig(
        Network network,
        int updates,
        List<Long> seeds,
        int heldOut,
        int purifySteps,
        double noise) {
    public static final int DEFAULT_UPDATES = 600;
    public static final int DEFAULT_HELD_OUT = 1024;
    public static final int DEFAULT_PURIFY_STEPS = 100;
    public static final double DEFAULT_NOISE = 0.2;

    /** Two blocks of the distance between sets, for the images and as many to set beside them. */
    public static final int LEAST_HELD_OUT = 4 * PrecisionStudy.BLOCK;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public PrecisionStudyConfig {
        seeds = List.copyOf(seeds);
        if (updates < 2
                || seeds.isEmpty()
                || heldOut < LEAST_HELD_OUT
                || purifySteps < 1
                || !(noise > 0)) {
            throw new IllegalArgumentException(
                    "expected at least 2 updates, a seed, "
                            + LEAST_HELD_OUT
                            + " images held out, a purification step and noise above 0, found "
                            + updates
                            + ", "
                            + seeds
                            + ", "
                            + heldOut
                            + ", "
                            + purifySteps
                            + ", "
                            + noise);
        }
    }

    /** The learner's defaults with a seed. */
    LearnerConfig learner(long seed) {
        return LearnerConfig.builder(network).seed(seed).build();
    }

    /** Dynamics of the purifications: the learner's. */
    LangevinConfig langevin() {
        return learner(1).langevin();
    }
}
