package io.ebmstream.ops.learner;

import io.ebmstream.ops.energy.Network;

/**
 * A prior network of fixed weights: chains follow U(x)/T + U0(x)/T0.
 *
 * @param network U0, an energy of the same images
 * @param temperature T0, above 0
 */
public record PriorConfig(Network network, double temperature) {
    /**
     * @throws IllegalArgumentException if there is no energy network, or T0 is not positive
     */
    public PriorConfig {
        if (network == null || !network.isEnergy()) {
            throw new IllegalArgumentException(
                    "expected an energy network as prior, found " + network);
        }
        if (!(temperature > 0) || !Double.isFinite(temperature)) {
            throw new IllegalArgumentException(
                    "expected a prior temperature above 0, found " + temperature);
        }
    }
}
