package io.ebmstream.ops.learner;

import io.ebmstream.ops.energy.Network;

/**
 * A generator beside an energy, x = G(z) with z ~ N(0, I).
 *
 * @param network from latents [c, h, w] to images in [-1, 1]
 * @param learns whether it learns from the chains; if not, its weights stay as given
 * @param learningRate rate of its Adam by completed updates, above 0; of no use where it does not
 *     learn
 */
public record GeneratorConfig(Network network, boolean learns, Schedule learningRate) {
    /** The papers' rate. */
    public static final double DEFAULT_LEARNING_RATE = 1e-4;

    /**
     * @throws IllegalArgumentException if there is no network, or a rate is not positive
     */
    public GeneratorConfig {
        if (network == null || learningRate == null) {
            throw new IllegalArgumentException(
                    "expected a generator network and a learning rate, found none for one of them");
        }
        for (double rate : learningRate.steps().values()) {
            if (!(rate > 0)) {
                throw new IllegalArgumentException(
                        "expected learning rates of the generator above 0, found " + rate);
            }
        }
    }

    /** A generator whose weights stay as given. */
    public static GeneratorConfig fixed(Network network) {
        return new GeneratorConfig(network, false, Schedule.constant(DEFAULT_LEARNING_RATE));
    }

    /** A generator that learns from the chains. */
    public static GeneratorConfig learning(Network network, double learningRate) {
        return new GeneratorConfig(network, true, Schedule.constant(learningRate));
    }
}
