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
import java.util.Map;
import java.util.TreeMap;

/** Published snapshots as model files, for training without a stream. Stateless, thread-safe. */
public final class SnapshotModels {
    private static final String MODEL = "model.";
    private static final String LEARNER = "learner.";

    private SnapshotModels() {}

    /**
     * A snapshot as a model: its networks, and the dynamics that its learner's chains have.
     *
     * @throws IllegalArgumentException if its provenance does not name its networks
     */
    public static ModelFile of(Snapshot snapshot) {
        SnapshotManifest manifest = snapshot.manifest();
        Map<String, String> settings = manifest.getProvenance().getHyperparameters();
        ImageShape image =
                new ImageShape(
                        Integer.parseInt(text(settings, MODEL + "channels")),
                        Integer.parseInt(text(settings, MODEL + "height")),
                        Integer.parseInt(text(settings, MODEL + "width")));
        Map<String, ModelFile.Part> others = new TreeMap<>();
        for (String role : snapshot.roles()) {
            String key = LEARNER + role + ".";
            NetworkSpec spec =
                    spec(text(settings, key + "network"), text(settings, key + "width"), image);
            others.put(role, part(snapshot, spec, manifest.getNetworks().get(role), role + "."));
        }
        Map<String, String> notes = new TreeMap<>();
        notes.put("stream_model", snapshot.model());
        notes.put("images_seen", Long.toString(manifest.getProvenance().getImagesSeen()));
        notes.put("device", manifest.getProvenance().getDevice());
        if (others.containsKey(ModelFile.PRIOR)) {
            notes.put(ModelFile.PRIOR_TEMPERATURE, text(settings, LEARNER + "prior.temperature"));
        }
        long updates = manifest.getProvenance().getUpdateCount();
        return new ModelFile(
                part(
                        snapshot,
                        spec(text(settings, MODEL + "network"), text(settings, MODEL + "n"), image),
                        manifest.getNetwork(),
                        ""),
                others,
                new LangevinConfig(
                        number(settings, "stepSize"),
                        number(settings, "temperature"),
                        number(settings, "tau"),
                        number(settings, "maxLangevinNorm")),
                Schedule.parse(text(settings, LEARNER + "steps")).countAt(updates),
                settings.getOrDefault(LEARNER + "preset", ""),
                new ModelVersion(snapshot.version().getEpoch(), snapshot.version().getCounter()),
                updates,
                notes);
    }

    /** The hyperparameters that {@link #of} reads, of a model file. */
    static Map<String, String> settings(ModelFile model) {
        Map<String, String> settings = new TreeMap<>();
        NetworkSpec energy = model.energy().spec();
        settings.put(MODEL + "network", energy.network());
        settings.put(MODEL + "n", Integer.toString(energy.width()));
        settings.put(MODEL + "channels", Integer.toString(energy.image().channels()));
        settings.put(MODEL + "height", Integer.toString(energy.image().height()));
        settings.put(MODEL + "width", Integer.toString(energy.image().width()));
        LangevinConfig langevin = model.langevin();
        settings.put(LEARNER + "stepSize", Double.toString(langevin.stepSize()));
        settings.put(LEARNER + "temperature", Double.toString(langevin.temperature()));
        settings.put(LEARNER + "tau", Double.toString(langevin.tau()));
        settings.put(LEARNER + "maxLangevinNorm", Double.toString(langevin.maxLangevinNorm()));
        settings.put(LEARNER + "steps", Integer.toString(model.steps()));
        settings.put(LEARNER + "preset", model.preset());
        model.others()
                .forEach(
                        (role, part) -> {
                            NetworkSpec spec = part.spec();
                            settings.put(LEARNER + role + ".network", spec.network());
                            settings.put(LEARNER + role + ".width", Integer.toString(spec.width()));
                        });
        if (model.others().containsKey(ModelFile.PRIOR)) {
            settings.put(LEARNER + "prior.temperature", Double.toString(model.priorTemperature()));
        }
        return settings;
    }

    private static NetworkSpec spec(String name, String widthText, ImageShape image) {
        int width = Integer.parseInt(widthText);
        return new NetworkSpec(
                name, width == 0 ? Networks.named(name).defaultWidth() : width, image);
    }

    /** A network out of the tensors whose names begin with the prefix. */
    private static ModelFile.Part part(
            Snapshot snapshot, NetworkSpec spec, String json, String prefix) {
        Network network = spec.build();
        if (!network.toJson().equals(Network.fromJson(json).toJson())) {
            throw new IllegalArgumentException(
                    "expected the network of "
                            + snapshot
                            + " to be "
                            + spec
                            + ", found "
                            + Network.fromJson(json));
        }
        float[] weights = new float[network.parameterCount()];
        for (Network.Parameter parameter : network.parameters()) {
            float[] values = snapshot.floats(prefix + parameter.name());
            if (values.length != parameter.size()) {
                throw new IllegalArgumentException(
                        "expected "
                                + parameter.size()
                                + " values in tensor "
                                + prefix
                                + parameter.name()
                                + " of "
                                + snapshot
                                + ", found "
                                + values.length);
            }
            System.arraycopy(values, 0, weights, parameter.offset(), parameter.size());
        }
        return new ModelFile.Part(spec, weights);
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
