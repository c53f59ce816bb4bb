/**
 * Hat EBM (arXiv 2210.16486): energies over a generator's output plus a residual, x = G(z) + r. The
 * joint Langevin run on latents and residual, and the refinement of given samples. Uses {@code
 * compute}, {@code sampler}, {@code image} and {@code defense}'s chain ids; knows no learner and no
 * streams.
 */
package io.ebmstream.ops.hat;
