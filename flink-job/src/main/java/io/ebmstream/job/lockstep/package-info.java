/**
 * The order of images that is a function of the input: numbers for each partition, and the merge of
 * partitions by them (docs/CONSISTENCY.md). Used where {@code ebm.purifier.consistency} is {@code
 * lockstep}.
 */
package io.ebmstream.job.lockstep;
