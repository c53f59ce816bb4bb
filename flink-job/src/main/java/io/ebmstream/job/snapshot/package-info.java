/** Published versions to Kafka: chunks, then the manifest. */
package io.ebmstream.job.snapshot;
