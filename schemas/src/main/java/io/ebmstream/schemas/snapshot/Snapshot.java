package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A model as values: what it is ({@link #manifest()}) and its tensors. All hashes were verified
 * when it was put together.
 *
 * <p>Thread-safe as long as nobody changes the manifest, which Avro's classes allow.
 */
public final class Snapshot {
    private final SnapshotManifest manifest;
    private final ByteBuffer[] pieces;

    Snapshot(SnapshotManifest manifest, ByteBuffer[] pieces) {
        this.manifest = manifest;
        this.pieces = pieces;
    }

    /** Network, sampler, provenance and the rest; not to be changed. */
    public SnapshotManifest manifest() {
        return manifest;
    }

    /** Name of the model. */
    public String model() {
        return manifest.getModel();
    }

    /** Version of the model; not to be changed. */
    public ModelVersion version() {
        return manifest.getVersion();
    }

    /**
     * Names of the energy's tensors in the order of their bytes, laid out as the manifest's {@code
     * network} says.
     */
    public List<String> tensors() {
        return names(Roles.ENERGY);
    }

    /** Roles of the networks beside the energy, sorted; often none. */
    public SortedSet<String> roles() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(manifest.getNetworks().keySet()));
    }

    /**
     * Names of the tensors of a network beside the energy in the order of their bytes, laid out as
     * the manifest's {@code networks} says. Each begins with the role and a dot.
     *
     * @throws IllegalArgumentException if no network has this role
     */
    public List<String> tensors(String role) {
        if (!manifest.getNetworks().containsKey(role)) {
            throw new IllegalArgumentException(
                    "expected one of the roles " + roles() + ", found " + role);
        }
        return names(role);
    }

    private List<String> names(String role) {
        Roles roles = new Roles(manifest);
        return manifest.getTensors().stream()
                .map(TensorInfo::getName)
                .filter(name -> roles.of(name).equals(role))
                .toList();
    }

    /**
     * Sizes of a tensor's dimensions.
     *
     * @throws IllegalArgumentException if there is no such tensor
     */
    public List<Integer> shape(String tensor) {
        return List.copyOf(find(tensor).getShape());
    }

    /**
     * A copy of a tensor's values, row-major.
     *
     * @throws IllegalArgumentException if there is no such tensor
     */
    public float[] floats(String tensor) {
        TensorInfo info = find(tensor);
        float[] values = new float[(int) (info.getByteLength() / Float.BYTES)];
        int[] at = {0};
        forEachPiece(
                info,
                piece -> {
                    int count = piece.remaining() / Float.BYTES;
                    piece.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values, at[0], count);
                    at[0] += count;
                });
        return values;
    }

    @Override
    public String toString() {
        return "snapshot "
                + SnapshotKeys.manifest(model(), version())
                + " ("
                + manifest.getTotalBytes()
                + " bytes)";
    }

    /** Runs over a tensor's bytes, chunk by chunk; no number is cut. */
    void forEachPiece(TensorInfo tensor, Consumer<ByteBuffer> each) {
        long end = tensor.getByteOffset() + tensor.getByteLength();
        long at = tensor.getByteOffset();
        while (at < end) {
            int index = (int) (at / manifest.getChunkBytes());
            ByteBuffer piece = pieces[index];
            int from = (int) (at % manifest.getChunkBytes());
            int length = (int) Math.min(piece.remaining() - from, end - at);
            each.accept(piece.slice(piece.position() + from, length));
            at += length;
        }
    }

    private TensorInfo find(String name) {
        for (TensorInfo tensor : manifest.getTensors()) {
            if (tensor.getName().equals(name)) {
                return tensor;
            }
        }
        throw new IllegalArgumentException(
                "expected one of the tensors "
                        + manifest.getTensors().stream().map(TensorInfo::getName).toList()
                        + ", found "
                        + name);
    }
}
