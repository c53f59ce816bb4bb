package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;

/**
 * Packs a model into chunks and a manifest that holds the hash of each.
 *
 * <p>The snapshot's bytes are the tensors' values one after the other as little-endian float32. The
 * chunks cut these bytes at equal lengths, wherever a tensor ends. Equal input gives equal bytes.
 *
 * <p>Thread-safe: stateless.
 */
public final class SnapshotWriter {
    /** Most bytes in a chunk: 900 KiB, so that a record stays under Kafka's default of 1 MiB. */
    public static final int MAX_CHUNK_BYTES = 900 * 1024;

    /** Most bytes in a snapshot: 1 GiB. */
    public static final long MAX_TOTAL_BYTES = 1L << 30;

    /** Most bytes in a sample grid: 512 KiB, because the manifest is one Kafka record as well. */
    public static final int MAX_GRID_BYTES = 512 * 1024;

    /** Most bytes in an encoded manifest. */
    public static final int MAX_MANIFEST_BYTES = 1_000_000;

    /** The one element type there is so far. */
    static final String FLOAT32 = "float32";

    private SnapshotWriter() {}

    /**
     * Packs with chunks of {@link #MAX_CHUNK_BYTES}.
     *
     * @param header a manifest with model, version, network, sampler, provenance and whatever is
     *     optional; the fields on tensors, chunks, sizes and hashes are filled in here
     * @param tensors one or more, with different names and finite values: the energy's first, then
     *     those of the header's further networks ({@link Tensor#of(String)})
     * @throws IllegalArgumentException if a field of the header is missing or out of range, a value
     *     is not finite, or a limit is exceeded
     */
    public static PackedSnapshot pack(SnapshotManifest.Builder header, List<Tensor> tensors) {
        return pack(header, tensors, MAX_CHUNK_BYTES);
    }

    /**
     * Packs with chunks of a given size.
     *
     * @param chunkBytes bytes in each chunk but the last, a multiple of 4 up to {@link
     *     #MAX_CHUNK_BYTES}
     * @throws IllegalArgumentException as in {@link #pack(SnapshotManifest.Builder, List)}
     */
    public static PackedSnapshot pack(
            SnapshotManifest.Builder header, List<Tensor> tensors, int chunkBytes) {
        if (chunkBytes < Float.BYTES
                || chunkBytes > MAX_CHUNK_BYTES
                || chunkBytes % Float.BYTES != 0) {
            throw new IllegalArgumentException(
                    "expected a multiple of 4 up to "
                            + MAX_CHUNK_BYTES
                            + " bytes in a chunk, found "
                            + chunkBytes);
        }
        ByteBuffer bytes = bytes(tensors);
        List<TensorInfo> infos = describe(tensors, bytes, chunkBytes);
        List<ByteBuffer> pieces = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        for (int at = 0; at < bytes.limit(); at += chunkBytes) {
            ByteBuffer piece = bytes.slice(at, Math.min(chunkBytes, bytes.limit() - at));
            pieces.add(piece);
            hashes.add(Sha256.of(piece));
        }
        SnapshotManifest manifest =
                complete(
                        header.setTensors(infos)
                                .setChunkBytes(chunkBytes)
                                .setChunkCount(pieces.size())
                                .setChunkSha256(hashes)
                                .setTotalBytes(bytes.limit())
                                .setSha256(Sha256.of(bytes)));
        List<SnapshotChunk> chunks = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            chunks.add(
                    SnapshotChunk.newBuilder()
                            .setModel(manifest.getModel())
                            .setVersion(manifest.getVersion())
                            .setIndex(i)
                            .setCount(pieces.size())
                            .setData(pieces.get(i))
                            .setSha256(hashes.get(i))
                            .build());
        }
        return new PackedSnapshot(chunks, manifest);
    }

    private static ByteBuffer bytes(List<Tensor> tensors) {
        long total = 0;
        for (Tensor tensor : tensors) {
            total += (long) Float.BYTES * tensor.values().length;
        }
        if (total == 0 || total > MAX_TOTAL_BYTES) {
            throw new IllegalArgumentException(
                    "expected tensors of 1 to " + MAX_TOTAL_BYTES + " bytes, found " + total);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) total).order(ByteOrder.LITTLE_ENDIAN);
        for (Tensor tensor : tensors) {
            float[] values = tensor.values();
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new IllegalArgumentException(
                            "expected finite values in tensor "
                                    + tensor.name()
                                    + ", found "
                                    + values[i]
                                    + " at index "
                                    + i
                                    + "; such a model must not be published");
                }
                bytes.putFloat(values[i]);
            }
        }
        return bytes.flip();
    }

    private static List<TensorInfo> describe(
            List<Tensor> tensors, ByteBuffer bytes, int chunkBytes) {
        List<TensorInfo> infos = new ArrayList<>();
        int offset = 0;
        for (Tensor tensor : tensors) {
            int length = Float.BYTES * tensor.values().length;
            infos.add(
                    TensorInfo.newBuilder()
                            .setName(tensor.name())
                            .setShape(tensor.shape())
                            .setDtype(FLOAT32)
                            .setByteOffset(offset)
                            .setByteLength(length)
                            .setSha256(Sha256.of(bytes.slice(offset, length)))
                            .setFirstChunk(offset / chunkBytes)
                            .setLastChunk((offset + length - 1) / chunkBytes)
                            .build());
            offset += length;
        }
        return infos;
    }

    private static SnapshotManifest complete(SnapshotManifest.Builder builder) {
        SnapshotManifest manifest;
        try {
            manifest = builder.build();
        } catch (AvroRuntimeException e) {
            throw new IllegalArgumentException(
                    "expected a header with all required fields, found: " + e.getMessage(), e);
        }
        manifest.setNetworks(new TreeMap<>(manifest.getNetworks()));
        Provenance provenance = manifest.getProvenance();
        manifest.setProvenance(
                Provenance.newBuilder()
                        .setInputOffsets(new TreeMap<>(provenance.getInputOffsets()))
                        .setUpdateCount(provenance.getUpdateCount())
                        .setImagesSeen(provenance.getImagesSeen())
                        .setHyperparameters(new TreeMap<>(provenance.getHyperparameters()))
                        .setSoftware(new TreeMap<>(provenance.getSoftware()))
                        .setDevice(provenance.getDevice())
                        .build());
        try {
            ManifestCheck.check(manifest);
        } catch (SnapshotException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        int encoded = WireFormat.SNAPSHOT_MANIFEST.encode(manifest).length;
        if (encoded > MAX_MANIFEST_BYTES) {
            throw new IllegalArgumentException(
                    "expected a manifest of at most "
                            + MAX_MANIFEST_BYTES
                            + " bytes, found "
                            + encoded
                            + "; make the sample grid or the provenance smaller");
        }
        return manifest;
    }
}
