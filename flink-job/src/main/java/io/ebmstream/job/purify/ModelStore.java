package io.ebmstream.job.purify;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeMap;

/**
 * The weights that a purifier may still need, with the energies of their chains: the latest version
 * and those of images in flight. The untrained model is made where it is needed. Not thread-safe.
 */
final class ModelStore {
    private final Network network;
    private final long seed;
    private final TreeMap<ModelVersion, Model> models = new TreeMap<>();

    ModelStore(Network network, long seed) {
        this.network = network;
        this.seed = seed;
    }

    /** Takes a version in; one that is known already stays as it is. */
    void add(Model model) {
        models.putIfAbsent(model.version(), model);
    }

    /** The highest version that has arrived; the untrained one if none has. */
    ModelVersion latest() {
        return models.isEmpty() ? ModelVersion.INITIAL : models.lastKey();
    }

    /**
     * @throws IllegalStateException if the version has neither arrived nor been kept
     */
    float[] weights(ModelVersion version) {
        if (version.equals(ModelVersion.INITIAL)) {
            return Initializer.weights(network, seed);
        }
        Model model = models.get(version);
        if (model == null) {
            throw new IllegalStateException(
                    "expected the weights of version "
                            + version
                            + " for images in flight, found only "
                            + models.keySet());
        }
        return FloatBytes.toFloats(model.weights());
    }

    /** Energies of a version's chains, ascending; none where they are not known. */
    double[] bankEnergies(ModelVersion version) {
        Model model = models.get(version);
        return model == null || model.bankEnergies() == null ? new double[0] : model.bankEnergies();
    }

    /** Versions whose weights are here; a view. */
    NavigableSet<ModelVersion> versions() {
        return models.navigableKeySet();
    }

    /** Where energies of known images lie under a version's weights. */
    EnergyRange known(ModelVersion version) {
        Model model = models.get(version);
        return model == null || model.known() == null ? EnergyRange.UNKNOWN : model.known();
    }

    /** Scale of energies under a version's weights; null where it is not known. */
    EnergyCalibration anchors(ModelVersion version) {
        Model model = models.get(version);
        return model == null ? null : model.anchors();
    }

    /** Whether the weights of a version are here. */
    boolean has(ModelVersion version) {
        return version.equals(ModelVersion.INITIAL) || models.containsKey(version);
    }

    /** Lets go of all below a version but those given. */
    void retainFrom(ModelVersion lowest, Collection<ModelVersion> needed) {
        ModelVersion latest = latest();
        models.keySet()
                .removeIf(v -> v.compareTo(lowest) < 0 && !v.equals(latest) && !needed.contains(v));
    }

    /** Lets go of all but the latest version and those given. */
    void retain(Collection<ModelVersion> needed) {
        ModelVersion latest = latest();
        models.keySet().removeIf(v -> !v.equals(latest) && !needed.contains(v));
    }

    /** All versions, for a checkpoint. */
    List<Model> models() {
        return new ArrayList<>(models.values());
    }

    /**
     * A version in operator state.
     *
     * @param version the version
     * @param weights float32, little-endian, in the network's layout
     * @param bankEnergies U/T of chains of the learner's bank under these weights, ascending; null
     *     or none where they are not known
     * @param known where energies of images that the learner knows lie; null where that is not
     *     known
     * @param anchors scale of energies; null where that is not known
     */
    public record Model(
            ModelVersion version,
            byte[] weights,
            double[] bankEnergies,
            EnergyRange known,
            EnergyCalibration anchors) {}
}
