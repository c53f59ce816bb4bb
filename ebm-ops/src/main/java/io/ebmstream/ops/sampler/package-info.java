/**
 * Langevin dynamics: its configuration, the counter-based noise and the update of one step. The
 * base of {@code compute}; knows no executor.
 */
package io.ebmstream.ops.sampler;
