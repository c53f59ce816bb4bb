package io.ebmstream.job.config;

import java.io.Serializable;

/**
 * What stays of the versions that were published.
 *
 * @param keep versions that stay in Kafka, 0 for all
 */
public record SnapshotSettings(int keep) implements Serializable {
    private static final long serialVersionUID = 1L;
}
