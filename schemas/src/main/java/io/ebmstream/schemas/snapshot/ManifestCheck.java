package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whether a manifest agrees with itself: names, ranges, sizes and the layout of the tensors. After
 * this check a reader can compute with its numbers without further care.
 */
final class ManifestCheck {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final SnapshotManifest manifest;

    private ManifestCheck(SnapshotManifest manifest) {
        this.manifest = manifest;
    }

    /**
     * @throws SnapshotException (CORRUPT) at the first contradiction
     */
    static void check(SnapshotManifest manifest) throws SnapshotException {
        ManifestCheck check = new ManifestCheck(manifest);
        check.identity();
        check.chunks();
        check.tensors();
        check.networks();
    }

    private void identity() throws SnapshotException {
        String model = manifest.getModel();
        require(SnapshotKeys.isName(model), "1 to 128 of A-Z a-z 0-9 . _ - as model", model);
        long epoch = manifest.getVersion().getEpoch();
        long counter = manifest.getVersion().getCounter();
        require(epoch >= 0 && counter >= 0, "no negative version", epoch + "/" + counter);
        ByteBuffer grid = manifest.getSampleGridPng();
        int gridBytes = grid == null ? 0 : grid.remaining();
        require(
                gridBytes <= SnapshotWriter.MAX_GRID_BYTES,
                "a sample grid of at most " + SnapshotWriter.MAX_GRID_BYTES + " bytes",
                gridBytes);
    }

    private void chunks() throws SnapshotException {
        int chunkBytes = manifest.getChunkBytes();
        require(
                chunkBytes >= Float.BYTES
                        && chunkBytes <= SnapshotWriter.MAX_CHUNK_BYTES
                        && chunkBytes % Float.BYTES == 0,
                "a multiple of 4 up to " + SnapshotWriter.MAX_CHUNK_BYTES + " bytes in a chunk",
                chunkBytes);
        long total = manifest.getTotalBytes();
        require(
                total > 0 && total <= SnapshotWriter.MAX_TOTAL_BYTES,
                "1 to " + SnapshotWriter.MAX_TOTAL_BYTES + " bytes in all",
                total);
        long count = (total + chunkBytes - 1) / chunkBytes;
        require(
                manifest.getChunkCount() == count,
                count + " chunks for " + total + " bytes",
                manifest.getChunkCount());
        require(
                manifest.getChunkSha256().size() == count,
                "the hashes of " + count + " chunks",
                manifest.getChunkSha256().size());
        for (String hash : manifest.getChunkSha256()) {
            requireHash(hash);
        }
        requireHash(manifest.getSha256());
    }

    private void tensors() throws SnapshotException {
        int chunkBytes = manifest.getChunkBytes();
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (TensorInfo tensor : manifest.getTensors()) {
            String name = tensor.getName();
            require(names.add(name), "every tensor once", name + " twice");
            require(
                    tensor.getDtype().equals(SnapshotWriter.FLOAT32),
                    "float32 in tensor " + name,
                    tensor.getDtype());
            long size = Tensor.size(tensor.getShape());
            require(size > 0, "a possible shape of tensor " + name, tensor.getShape());
            long length = Float.BYTES * size;
            require(
                    tensor.getByteLength() == length && tensor.getByteOffset() == offset,
                    length + " bytes from byte " + offset + " in tensor " + name,
                    tensor.getByteLength() + " from " + tensor.getByteOffset());
            long first = offset / chunkBytes;
            offset += length;
            long last = (offset - 1) / chunkBytes;
            require(
                    tensor.getFirstChunk() == first && tensor.getLastChunk() == last,
                    "chunks " + first + " to " + last + " for tensor " + name,
                    tensor.getFirstChunk() + " to " + tensor.getLastChunk());
            requireHash(tensor.getSha256());
        }
        require(
                offset == manifest.getTotalBytes(),
                "tensors of " + manifest.getTotalBytes() + " bytes together",
                offset);
    }

    private void networks() throws SnapshotException {
        for (String role : manifest.getNetworks().keySet()) {
            require(
                    Roles.isRole(role),
                    "1 to 32 of a-z 0-9 - as a network's role, not " + Roles.ENERGY,
                    role);
        }
        Roles roles = new Roles(manifest);
        Set<String> found = new HashSet<>();
        for (TensorInfo tensor : manifest.getTensors()) {
            String role = roles.of(tensor.getName());
            require(
                    !role.equals(Roles.ENERGY) || found.isEmpty() || found.equals(Set.of(role)),
                    "the energy's tensors before those of " + manifest.getNetworks().keySet(),
                    tensor.getName() + " after others");
            found.add(role);
        }
        Set<String> expected = new HashSet<>(manifest.getNetworks().keySet());
        expected.add(Roles.ENERGY);
        require(found.equals(expected), "tensors of the networks " + expected, found);
    }

    private void requireHash(String hash) throws SnapshotException {
        require(HASH.matcher(hash).matches(), "a SHA-256 of 64 hexadecimal digits", hash);
    }

    private void require(boolean holds, String expected, Object found) throws SnapshotException {
        if (!holds) {
            throw new SnapshotException(
                    Reason.CORRUPT,
                    "manifest of "
                            + SnapshotKeys.manifest(manifest.getModel(), manifest.getVersion())
                            + ": expected "
                            + expected
                            + ", found "
                            + found);
        }
    }
}
