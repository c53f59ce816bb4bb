/**
 * Model snapshots: packing a model into a manifest and chunks, putting it together again with every
 * hash verified, and a client that reads snapshots from Kafka.
 *
 * <p>{@link io.ebmstream.schemas.snapshot.SnapshotReader} is where to start reading, {@link
 * io.ebmstream.schemas.snapshot.SnapshotWriter} where to start writing. Nothing here needs Flink.
 */
package io.ebmstream.schemas.snapshot;
