/**
 * Published versions: to Kafka by the job (chunks, then the manifest), out of it as model files,
 * into it without a job, and what differs between two of them.
 */
package io.ebmstream.job.snapshot;
