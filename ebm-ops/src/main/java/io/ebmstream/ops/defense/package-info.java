/**
 * Purification: long Langevin runs from given images at fixed weights. Uses {@code compute} and
 * {@code sampler}; knows no learner and no streams.
 */
package io.ebmstream.ops.defense;
