package io.ebmstream.job.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.SnapshotWriter;
import io.ebmstream.schemas.snapshot.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model file as a snapshot for Kafka, the way back of {@link SnapshotModels#of}. Stateless,
 * thread-safe.
 */
public final class ModelSnapshot {
    /** Hyperparameter that says which version a snapshot was imported as. */
    public static final String IMPORTED_VERSION = "imported.version";

    /** Hyperparameter with the SHA-256 of the model file that a snapshot was imported from. */
    public static final String IMPORTED_SHA256 = "imported.sha256";

    private ModelSnapshot() {}

    /**
     * Packs a model.
     *
     * @param name the model's name in Kafka
     * @param version what it becomes there
     * @param exported the manifest that was exported with it ({@link ManifestJson#of}), for its
     *     provenance and sampler; null where there is none, then both come from the model file
     * @throws IllegalArgumentException if the manifest is of other weights, or a network reads
     *     other images than the energy
     */
    public static PackedSnapshot of(
            ModelFile model, String name, ModelVersion version, JsonNode exported) {
        Map<String, String> networks = new TreeMap<>();
        List<Tensor> tensors =
                new ArrayList<>(
                        SnapshotTensors.of(model.energy().network(), model.energy().weights()));
        new TreeMap<>(model.others())
                .forEach(
                        (role, part) -> {
                            checkImages(model, role, part);
                            networks.put(role, part.network().toJson());
                            SnapshotTensors.of(part.network(), part.weights()).stream()
                                    .map(tensor -> tensor.of(role))
                                    .forEach(tensors::add);
                        });
        PackedSnapshot packed =
                SnapshotWriter.pack(
                        SnapshotManifest.newBuilder()
                                .setModel(name)
                                .setVersion(AvroVersions.of(version))
                                .setNetwork(model.energy().network().toJson())
                                .setNetworks(networks)
                                .setSampler(
                                        exported == null
                                                ? sampler(model)
                                                : ManifestJson.sampler(exported))
                                .setProvenance(provenance(model, exported)),
                        tensors);
        if (exported != null) {
            String expected = exported.path("sha256").asText();
            String found = packed.manifest().getSha256();
            if (!found.equals(expected)) {
                throw new IllegalArgumentException(
                        "expected a manifest of these weights, with SHA-256 "
                                + found
                                + ", found one of "
                                + (expected.isEmpty() ? "none" : expected));
            }
        }
        return packed;
    }

    private static void checkImages(ModelFile model, String role, ModelFile.Part part) {
        if (!part.spec().image().equals(model.energy().spec().image())) {
            throw new IllegalArgumentException(
                    "expected networks of images "
                            + model.energy().spec().image()
                            + ", found a "
                            + role
                            + " of "
                            + part.spec().image());
        }
    }

    private static SamplerConfig sampler(ModelFile model) {
        return SamplerConfig.newBuilder()
                .setStepSize(model.langevin().stepSize())
                .setTemperature(model.langevin().temperature())
                .setTau(orNull(model.langevin().tau()))
                .setMaxNorm(orNull(model.langevin().maxLangevinNorm()))
                .setSteps(model.steps())
                .build();
    }

    private static Double orNull(double value) {
        return value == 0 ? null : value;
    }

    private static Provenance provenance(ModelFile model, JsonNode exported) {
        Provenance provenance =
                exported == null
                        ? Provenance.newBuilder()
                                .setUpdateCount(model.updates())
                                .setHyperparameters(new TreeMap<>(model.notes()))
                                .build()
                        : ManifestJson.provenance(exported);
        Map<String, String> settings = new TreeMap<>(provenance.getHyperparameters());
        SnapshotModels.settings(model).forEach(settings::putIfAbsent);
        settings.put(IMPORTED_VERSION, model.version().toString());
        settings.put(IMPORTED_SHA256, model.hash());
        provenance.setHyperparameters(settings);
        return provenance;
    }
}
