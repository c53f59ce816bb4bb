package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.util.List;

/**
 * A snapshot ready for Kafka. Write the chunks first and the manifest last, in one transaction.
 *
 * @param chunks in the order of their indices
 * @param manifest what they add up to
 */
public record PackedSnapshot(List<SnapshotChunk> chunks, SnapshotManifest manifest) {
    public PackedSnapshot {
        chunks = List.copyOf(chunks);
    }
}
