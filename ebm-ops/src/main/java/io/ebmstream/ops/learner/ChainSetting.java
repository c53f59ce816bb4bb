package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;

/**
 * What a learner's chains are given. All of it stays the learner's; its chains are closed before
 * it.
 *
 * @param config how the learner learns
 * @param executor compiles what the chains need beyond the energy
 * @param precision of chains and gradients
 * @param energy U, compiled for {@code config.part()} images of that precision; holds the current
 *     weights whenever chains begin or advance
 * @param data the images seen; not empty when a round begins, and the same until it ends
 * @param weights the networks' initial weights
 */
public record ChainSetting(
        LearnerConfig config,
        Executor executor,
        Precision precision,
        CompiledNetwork energy,
        ReplayBuffer data,
        LearnerWeights weights) {}
