/**
 * How networks are executed: the {@link io.ebmstream.ops.compute.Executor} interface, its
 * implementations and the choice between them. Knows {@code energy} and {@code sampler}'s noise and
 * step; nothing of banks, learners or streams.
 */
package io.ebmstream.ops.compute;
