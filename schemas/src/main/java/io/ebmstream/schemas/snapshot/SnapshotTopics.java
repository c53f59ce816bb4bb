package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.Topics;

/**
 * The two Kafka topics that snapshots live in.
 *
 * @param manifests topic of {@code SnapshotManifest} records, compacted
 * @param chunks topic of {@code SnapshotChunk} records; it must keep chunks for as long as their
 *     manifests are to be usable
 */
public record SnapshotTopics(String manifests, String chunks) {
    /** {@link Topics#SNAPSHOTS} and {@link Topics#SNAPSHOT_CHUNKS}. */
    public static final SnapshotTopics DEFAULT =
            new SnapshotTopics(Topics.SNAPSHOTS, Topics.SNAPSHOT_CHUNKS);

    /**
     * @throws IllegalArgumentException if a name is missing or both are the same
     */
    public SnapshotTopics {
        if (manifests == null || manifests.isBlank() || chunks == null || chunks.isBlank()) {
            throw new IllegalArgumentException(
                    "expected two topic names, found " + manifests + " and " + chunks);
        }
        if (manifests.equals(chunks)) {
            throw new IllegalArgumentException(
                    "expected different topics for manifests and chunks, found "
                            + chunks
                            + " twice");
        }
    }
}
