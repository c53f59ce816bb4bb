/**
 * Images into Kafka: data sets as streams, with a known share damaged and known broken records
 * between. Used by {@code ebm feed}, the demo and the tests; the job itself knows nothing of it.
 */
package io.ebmstream.job.feed;
