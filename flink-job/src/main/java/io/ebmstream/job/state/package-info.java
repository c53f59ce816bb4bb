/** How records lie in Flink's state. Used by every operator that has some; knows none of them. */
package io.ebmstream.job.state;
