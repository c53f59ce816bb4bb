package io.ebmstream.ops.diagnostics;

import io.ebmstream.ops.energy.Network;

/**
 * A second energy with fixed weights that chains follow beside a model's own, U(x)/T + U0(x)/T0.
 * Weights are not copied and must not be changed. A value, thread-safe.
 *
 * @param network U0, an energy of the same images
 * @param weights laid out by the network
 * @param temperature T0, above 0
 */
public record ChainPrior(Network network, float[] weights, double temperature) {
    /**
     * @throws IllegalArgumentException if the weights are not the network's, or T0 is not positive
     */
    public ChainPrior {
        if (weights.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights of the prior "
                            + network
                            + ", found "
                            + weights.length);
        }
        if (!(temperature > 0) || !Double.isFinite(temperature)) {
            throw new IllegalArgumentException(
                    "expected a prior temperature above 0, found " + temperature);
        }
    }
}
