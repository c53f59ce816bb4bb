/**
 * Results computed again and compared with what was written: the audit of purified records. Knows
 * Kafka, snapshots and the purifier, nothing of Flink's runtime.
 */
package io.ebmstream.job.replay;
