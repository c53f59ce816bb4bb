/**
 * Long computations in an operator without holding up its task: work is cut into slices that run as
 * mails between checkpoints, timers and records.
 */
package io.ebmstream.job.slice;
