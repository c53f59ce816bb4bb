/**
 * Training on a fixed set of images, without a stream: the same learner, its checkpoints, its
 * course as CSV and charts, and the model file at the end. May use everything in this module but
 * {@code study} and {@code bench}; only the command line uses it.
 */
package io.ebmstream.ops.training;
