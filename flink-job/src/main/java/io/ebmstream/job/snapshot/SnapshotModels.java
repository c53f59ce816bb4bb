package io.ebmstream.job.snapshot;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.util.Map;
import java.util.Properties;

/** Published snapshots as model files, for training without a stream. Stateless, thread-safe. */
public final class SnapshotModels {
    private static final String MODEL = "model.";
    private static final String LEARNER = "learner.";

    private SnapshotModels() {}

    /**
     * The latest version of a model in Kafka.
     *
     * @throws SnapshotException if Kafka or its topics cannot be read
     * @throws IllegalArgumentException if there is no whole version, or it is not of this release
     */
    public static ModelFile latest(Properties kafka, SnapshotTopics topics, String model)
            throws SnapshotException {
        try (SnapshotReader reader = SnapshotReader.open(kafka, topics, model)) {
            return of(
                    reader.latest()
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "expected a version of model "
                                                            + model
                                                            + " in "
                                                            + topics.manifests()
                                                            + ", found none")));
        }
    }

    /**
     * A snapshot as a model: its energy, and the dynamics that its learner's chains have.
     *
     * @throws IllegalArgumentException if its provenance does not name its network
     */
    public static ModelFile of(Snapshot snapshot) {
        SnapshotManifest manifest = snapshot.manifest();
        Map<String, String> settings = manifest.getProvenance().getHyperparameters();
        String name = text(settings, MODEL + "network");
        int width = Integer.parseInt(text(settings, MODEL + "n"));
        NetworkSpec spec =
                new NetworkSpec(
                        name,
                        width == 0 ? Networks.named(name).defaultWidth() : width,
                        new ImageShape(
                                Integer.parseInt(text(settings, MODEL + "channels")),
                                Integer.parseInt(text(settings, MODEL + "height")),
                                Integer.parseInt(text(settings, MODEL + "width"))));
        Network network = spec.build();
        if (!network.toJson().equals(Network.fromJson(manifest.getNetwork()).toJson())) {
            throw new IllegalArgumentException(
                    "expected the network of " + snapshot + " to be " + spec + ", found another");
        }
        float[] weights = new float[network.parameterCount()];
        for (Network.Parameter parameter : network.parameters()) {
            float[] values = snapshot.floats(parameter.name());
            System.arraycopy(values, 0, weights, parameter.offset(), parameter.size());
        }
        long updates = manifest.getProvenance().getUpdateCount();
        return new ModelFile(
                new ModelFile.Part(spec, weights),
                Map.of(),
                new LangevinConfig(
                        number(settings, "stepSize"),
                        number(settings, "temperature"),
                        number(settings, "tau"),
                        number(settings, "maxLangevinNorm")),
                Schedule.parse(text(settings, LEARNER + "steps")).countAt(updates),
                settings.getOrDefault(LEARNER + "preset", ""),
                new ModelVersion(snapshot.version().getEpoch(), snapshot.version().getCounter()),
                updates,
                Map.of(
                        "stream_model", snapshot.model(),
                        "images_seen", Long.toString(manifest.getProvenance().getImagesSeen()),
                        "device", manifest.getProvenance().getDevice()));
    }

    private static double number(Map<String, String> settings, String key) {
        return Double.parseDouble(text(settings, LEARNER + key));
    }

    private static String text(Map<String, String> settings, String key) {
        String value = settings.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    "expected hyperparameter "
                            + key
                            + " in the snapshot's provenance, found none; was it written by another"
                            + " program?");
        }
        return value;
    }
}
