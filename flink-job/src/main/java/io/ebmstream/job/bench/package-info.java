/** What the stream costs: the job's purification beside the same work without Kafka and Flink. */
package io.ebmstream.job.bench;
