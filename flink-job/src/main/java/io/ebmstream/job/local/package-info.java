/**
 * The whole product in one JVM: the job on a Flink cluster of its own, and readers of its topics.
 * For the demo, benchmarks and tests; nothing in production uses it.
 */
package io.ebmstream.job.local;
