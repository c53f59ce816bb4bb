package io.ebmstream.ops.learner;

import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
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

    /** Zeros, for a learner whose state is restored. */
    static LearnerWeights zeros(LearnerConfig config) {
        return of(new float[config.network().parameterCount()]);
    }

    /** Random weights of the energy, a pure function of the configuration. */
    public static LearnerWeights random(LearnerConfig config) {
        return of(Initializer.weights(config.network(), config.seed()));
    }
}
