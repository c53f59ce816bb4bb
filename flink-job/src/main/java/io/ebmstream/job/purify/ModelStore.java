package io.ebmstream.job.purify;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The weights that a purifier may still need: the latest version and those of images in flight. The
 * untrained model is made where it is needed. Not thread-safe.
 */
final class ModelStore {
    private final Network network;
    private final long seed;
    private final TreeMap<ModelVersion, byte[]> weights = new TreeMap<>();

    ModelStore(Network network, long seed) {
        this.network = network;
        this.seed = seed;
    }

    /** Takes a version in; one that is known already stays as it is. */
    void add(ModelVersion version, byte[] bytes) {
        weights.putIfAbsent(version, bytes);
    }

    /** The highest version that has arrived; the untrained one if none has. */
    ModelVersion latest() {
        return weights.isEmpty() ? ModelVersion.INITIAL : weights.lastKey();
    }

    /**
     * @throws IllegalStateException if the version has neither arrived nor been kept
     */
    float[] weights(ModelVersion version) {
        if (version.equals(ModelVersion.INITIAL)) {
            return Initializer.weights(network, seed);
        }
        byte[] bytes = weights.get(version);
        if (bytes == null) {
            throw new IllegalStateException(
                    "expected the weights of version "
                            + version
                            + " for images in flight, found only "
                            + weights.keySet());
        }
        return FloatBytes.toFloats(bytes);
    }

    /** Lets go of all but the latest version and those given. */
    void retain(Collection<ModelVersion> needed) {
        ModelVersion latest = latest();
        weights.keySet().removeIf(v -> !v.equals(latest) && !needed.contains(v));
    }

    /** All versions, for a checkpoint. */
    List<Model> models() {
        List<Model> models = new ArrayList<>();
        weights.forEach((version, bytes) -> models.add(new Model(version, bytes)));
        return models;
    }

    /**
     * A version in operator state.
     *
     * @param version the version
     * @param weights float32, little-endian, in the network's layout
     */
    public record Model(ModelVersion version, byte[] weights) {}
}
