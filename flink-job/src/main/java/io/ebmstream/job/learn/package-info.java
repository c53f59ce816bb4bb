/**
 * The keyed operator that learns: it owns a shard's persistent chains, weights and replay buffer
 * and publishes versions of the model.
 */
package io.ebmstream.job.learn;
