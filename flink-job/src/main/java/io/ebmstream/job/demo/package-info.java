/**
 * The demo: broker, cluster, job and feed in one JVM, its progress, its accounting of every image,
 * and the files it leaves. Uses the job as anyone would: through Kafka.
 */
package io.ebmstream.job.demo;
