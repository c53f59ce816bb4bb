package io.ebmstream.ops.learner;

/**
 * A way to make negative samples: a value of the configuration that opens the chains of one
 * learner. Two rules of one configuration are equal, and say all that shapes the chains in their
 * {@code toString}.
 */
@FunctionalInterface
public interface ChainRule {
    /**
     * Opens a learner's chains, as they are before the first update.
     *
     * @throws IllegalArgumentException if the configuration, its networks and the weights do not
     *     fit one another
     */
    NegativeChains open(ChainSetting setting);
}
