/**
 * What tells whether chains and learning are healthy: correlations in time, convergence of many
 * short chains, effective sample size, ages of a bank, and the long-run probe. Uses {@code
 * compute}, {@code quality} and {@code sampler}; training and the command line use it.
 */
package io.ebmstream.ops.diagnostics;
