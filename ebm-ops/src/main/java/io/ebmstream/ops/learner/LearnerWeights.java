package io.ebmstream.ops.learner;

import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;

/**
 * Weights that a learner begins with, each laid out by its network's parameters. The learner copies
 * them.
 *
 * @param energy of U(x)
 * @param generator of G(z), or null where there is none
 * @param prior of U0(x), or null where there is none
 */
public record LearnerWeights(float[] energy, float[] generator, float[] prior) {
    /** Purpose of a generator's random numbers. */
    private static final long GENERATOR = -20;

    /**
     * @throws IllegalArgumentException if the energy has no weights
     */
    public LearnerWeights {
        if (energy == null) {
            throw new IllegalArgumentException("expected weights of the energy, found none");
        }
    }

    /** For a learner with an energy alone. */
    public static LearnerWeights of(float[] energy) {
        return new LearnerWeights(energy, null, null);
    }

    /**
     * Checks that weights fit a network.
     *
     * @param what whose weights, for messages
     * @return a copy
     * @throws IllegalArgumentException if there are none, or more or fewer than the network's
     */
    public static float[] checked(String what, float[] weights, Network network) {
        if (weights == null || weights.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights of the "
                            + what
                            + " for "
                            + network
                            + ", found "
                            + (weights == null ? "none" : weights.length));
        }
        return Arrays.copyOf(weights, weights.length);
    }

    /** Zeros for every network, for a learner whose state is restored. */
    public static LearnerWeights zeros(LearnerConfig config) {
        return new LearnerWeights(
                new float[config.network().parameterCount()],
                config.generator() == null
                        ? null
                        : new float[config.generator().network().parameterCount()],
                config.prior() == null
                        ? null
                        : new float[config.prior().network().parameterCount()]);
    }

    /**
     * Random weights of the energy and of a generator that learns, a pure function of the
     * configuration. A fixed generator and a prior are trained networks: give their weights.
     */
    public static LearnerWeights random(LearnerConfig config) {
        boolean learns = config.generator() != null && config.generator().learns();
        return new LearnerWeights(
                Initializer.weights(config.network(), config.seed()),
                learns
                        ? Initializer.weights(
                                config.generator().network(),
                                Threefry.derive(config.seed(), GENERATOR))
                        : null,
                null);
    }

    /** The same with the weights of a trained generator, or null to leave it. */
    public LearnerWeights withGenerator(float[] weights) {
        return new LearnerWeights(energy, weights == null ? generator : weights, prior);
    }

    /** The same with the weights of a trained prior, or null to leave it. */
    public LearnerWeights withPrior(float[] weights) {
        return new LearnerWeights(energy, generator, weights == null ? prior : weights);
    }
}
