/**
 * Several learners of one model (docs/CONSISTENCY.md): which partition is whose, when a round of
 * updates is over, the averager of what shards hand in, and the way its averages take back to the
 * learners through Kafka. Used where {@code ebm.learner.shards} is above 1.
 */
package io.ebmstream.job.shards;
