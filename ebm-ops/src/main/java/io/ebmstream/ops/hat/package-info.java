/**
 * Hat EBM (arXiv 2210.16486): energies over a generator's output plus a residual, x = G(z) + r. The
 * joint Langevin run on latents and residual, the refinement of given samples, the learner's chains
 * that do both, and the autoencoder whose decoder retrofits. Uses {@code learner} and what that
 * uses, {@code defense}'s chain ids and {@code weights}; knows no streams.
 */
package io.ebmstream.ops.hat;
