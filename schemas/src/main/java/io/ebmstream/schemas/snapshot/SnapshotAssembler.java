package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts a snapshot together from its manifest and chunks, which may come in any order and more than
 * once, and verifies all hashes. Memory: the chunks taken so far.
 *
 * <p>Not thread-safe.
 */
public final class SnapshotAssembler {
    private static final int MOST_NAMED = 10;

    private final SnapshotManifest manifest;
    private final ByteBuffer[] pieces;
    private final Map<Integer, String> refused = new TreeMap<>();
    private int taken;

    /**
     * @param manifest what the chunks add up to; not to be changed from now on
     * @throws SnapshotException if the manifest contradicts itself
     */
    public SnapshotAssembler(SnapshotManifest manifest) throws SnapshotException {
        ManifestCheck.check(manifest);
        this.manifest = manifest;
        this.pieces = new ByteBuffer[manifest.getChunkCount()];
    }

    /** The manifest. */
    public SnapshotManifest manifest() {
        return manifest;
    }

    /**
     * Offers a chunk. A chunk of another snapshot, one with an index out of range and one that was
     * taken before are passed over; one with other bytes than the manifest says is remembered for
     * the message of {@link #assemble()}.
     *
     * @return whether it was taken
     */
    public boolean offer(SnapshotChunk chunk) {
        int index = chunk.getIndex();
        if (!chunk.getModel().equals(manifest.getModel())
                || !chunk.getVersion().equals(manifest.getVersion())
                || index < 0
                || index >= pieces.length
                || pieces[index] != null) {
            return false;
        }
        ByteBuffer data = chunk.getData();
        String expected = manifest.getChunkSha256().get(index);
        String found = Sha256.of(data);
        if (!found.equals(expected) || data.remaining() != length(index)) {
            refused.put(
                    index,
                    String.format(
                            Locale.ROOT,
                            "chunk %d: expected %d bytes with SHA-256 %s, found %d with %s",
                            index,
                            length(index),
                            expected,
                            data.remaining(),
                            found));
            return false;
        }
        pieces[index] = data;
        refused.remove(index);
        taken++;
        return true;
    }

    /** Whether every chunk is there. */
    public boolean complete() {
        return taken == pieces.length;
    }

    /**
     * The snapshot, verified.
     *
     * @throws SnapshotException if chunks are missing (INCOMPLETE), or a chunk, tensor or the whole
     *     does not have the hash that the manifest says (CORRUPT)
     */
    public Snapshot assemble() throws SnapshotException {
        String name = SnapshotKeys.manifest(manifest.getModel(), manifest.getVersion());
        if (!complete()) {
            String problem =
                    "snapshot "
                            + name
                            + ": "
                            + (pieces.length - taken)
                            + " of "
                            + pieces.length
                            + " chunks missing: "
                            + missing();
            throw refused.isEmpty()
                    ? new SnapshotException(Reason.INCOMPLETE, problem)
                    : new SnapshotException(
                            Reason.CORRUPT, problem + "; " + String.join("; ", refused.values()));
        }
        Snapshot snapshot = new Snapshot(manifest, pieces.clone());
        Sha256 hash = new Sha256();
        for (ByteBuffer piece : pieces) {
            hash.add(piece);
        }
        verify(name, manifest.getSha256(), hash.hex());
        for (TensorInfo tensor : manifest.getTensors()) {
            snapshot.forEachPiece(tensor, hash::add);
            verify(name + ", tensor " + tensor.getName(), tensor.getSha256(), hash.hex());
        }
        return snapshot;
    }

    /** Indices of chunks that are not there, the first few of many. */
    private String missing() {
        List<String> indices = new ArrayList<>();
        for (int i = 0; i < pieces.length; i++) {
            if (pieces[i] == null) {
                if (indices.size() == MOST_NAMED) {
                    indices.add("...");
                    break;
                }
                indices.add(Integer.toString(i));
            }
        }
        return String.join(", ", indices);
    }

    private int length(int index) {
        long start = (long) index * manifest.getChunkBytes();
        return (int) Math.min(manifest.getChunkBytes(), manifest.getTotalBytes() - start);
    }

    private static void verify(String what, String expected, String found)
            throws SnapshotException {
        if (!found.equals(expected)) {
            throw new SnapshotException(
                    Reason.CORRUPT,
                    "snapshot " + what + ": expected SHA-256 " + expected + ", found " + found);
        }
    }
}
