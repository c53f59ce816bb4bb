/**
 * Learning energies by maximum likelihood: configuration, replay buffer, optimizer, moving average
 * and the update as a state machine that runs in time slices. Uses {@code bank}, {@code compute}
 * and {@code sampler}; knows nothing of streams.
 */
package io.ebmstream.ops.learner;
