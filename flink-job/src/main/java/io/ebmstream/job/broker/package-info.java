/**
 * A Kafka broker inside this JVM and the job's topics, for the demo and the tests. Production jobs
 * talk to a cluster of their own and use nothing of this package but {@link
 * io.ebmstream.job.broker.JobTopics}.
 */
package io.ebmstream.job.broker;
