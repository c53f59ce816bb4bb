/**
 * The job's edge to Kafka: records as bytes with where they came from, and the sinks. Knows topics
 * and bytes, nothing of images or models.
 */
package io.ebmstream.job.kafka;
