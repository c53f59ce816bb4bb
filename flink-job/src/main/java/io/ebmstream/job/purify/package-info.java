/**
 * The keyed operator that purifies: images wait in micro-batches and run their Langevin steps in
 * slices; chains in flight are state.
 */
package io.ebmstream.job.purify;
