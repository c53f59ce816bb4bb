/**
 * Purification: long Langevin runs from given images at fixed weights, and classification by many
 * of them. Uses {@code classifier}, {@code compute} and {@code sampler}; knows no learner and no
 * streams.
 */
package io.ebmstream.ops.defense;
