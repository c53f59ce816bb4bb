package io.ebmstream.job.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One round: the same images through the stream and through a bare loop.
 *
 * @param round number of the round, from 1
 * @param streamed images per second through Kafka and Flink
 * @param bare images per second of the loop
 */
public record PipelineRound(int round, double streamed, double bare) {
    /** The stream's rate as a share of the loop's. */
    @JsonProperty
    public double ratio() {
        return streamed / bare;
    }
}
