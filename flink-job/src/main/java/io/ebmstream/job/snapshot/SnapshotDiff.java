package io.ebmstream.job.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import io.ebmstream.schemas.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What differs between two versions of a model.
 *
 * @param tensors those that both have in the same shape, in the order of the first, and last the
 *     sum over all of them
 * @param only tensors that one version has and the other has not, or in another shape: name to
 *     "shape, shape", "-" for none
 * @param settings what the manifests say of network, sampler, hyperparameters, software and device,
 *     where they differ: key to the values of both
 */
public record SnapshotDiff(
        List<TensorDiff> tensors, Map<String, String> only, Map<String, Change> settings) {
    /** Name of the sum over all tensors. */
    public static final String ALL = "all";

    public SnapshotDiff {
        tensors = List.copyOf(tensors);
        only = new TreeMap<>(only);
        settings = new TreeMap<>(settings);
    }

    /**
     * How far a tensor moved.
     *
     * @param tensor name
     * @param values number of elements
     * @param before |a|_2
     * @param after |b|_2
     * @param difference |b - a|_2
     * @param cosine a b / (|a| |b|); NaN where a norm is 0
     * @param largest max |b - a|
     */
    public record TensorDiff(
            String tensor,
            long values,
            double before,
            double after,
            double difference,
            double cosine,
            double largest) {
        /** |b - a| / |a|; NaN where |a| is 0. */
        public double relative() {
            return before == 0 ? Double.NaN : difference / before;
        }
    }

    /**
     * Two values of a setting, "" where a version does not have it.
     *
     * @param before of the first version
     * @param after of the second
     */
    public record Change(String before, String after) {}

    /** Compares two versions, of one model or of two. */
    public static SnapshotDiff of(Snapshot before, Snapshot after) {
        Map<String, List<Integer>> shapes = shapes(after);
        List<TensorDiff> tensors = new ArrayList<>();
        Map<String, String> only = new TreeMap<>();
        Sums all = new Sums();
        shapes(before)
                .forEach(
                        (name, shape) -> {
                            List<Integer> other = shapes.remove(name);
                            if (!shape.equals(other)) {
                                only.put(name, shape + ", " + (other == null ? "-" : other));
                                return;
                            }
                            Sums sums = new Sums();
                            sums.add(before.floats(name), after.floats(name));
                            all.add(sums);
                            tensors.add(sums.diff(name));
                        });
        shapes.forEach((name, shape) -> only.put(name, "-, " + shape));
        tensors.add(all.diff(ALL));
        return new SnapshotDiff(tensors, only, changes(before.manifest(), after.manifest()));
    }

    private static Map<String, List<Integer>> shapes(Snapshot snapshot) {
        Map<String, List<Integer>> shapes = new LinkedHashMap<>();
        for (TensorInfo tensor : snapshot.manifest().getTensors()) {
            shapes.put(tensor.getName(), List.copyOf(tensor.getShape()));
        }
        return shapes;
    }

    private static Map<String, Change> changes(SnapshotManifest before, SnapshotManifest after) {
        Map<String, String> first = settings(before);
        Map<String, String> second = settings(after);
        Map<String, Change> changes = new TreeMap<>();
        first.forEach(
                (key, value) -> {
                    String other = second.remove(key);
                    if (!Objects.equals(value, other)) {
                        changes.put(key, new Change(value, other == null ? "" : other));
                    }
                });
        second.forEach((key, value) -> changes.put(key, new Change("", value)));
        return changes;
    }

    /** Everything but what differs between any two versions: counts, offsets, hashes. */
    private static Map<String, String> settings(SnapshotManifest manifest) {
        ObjectNode json = ManifestJson.of(manifest);
        Map<String, String> settings = new TreeMap<>();
        settings.put("model", manifest.getModel());
        settings.put("network", manifest.getNetwork());
        manifest.getNetworks().forEach((role, text) -> settings.put("network." + role, text));
        add(settings, "sampler.", json.path("sampler"));
        add(settings, "", json.path("provenance").path("hyperparameters"));
        add(settings, "software.", json.path("provenance").path("software"));
        settings.put("device", manifest.getProvenance().getDevice());
        return settings;
    }

    private static void add(Map<String, String> settings, String prefix, JsonNode values) {
        values.properties().forEach(e -> settings.put(prefix + e.getKey(), e.getValue().asText()));
    }

    /** Sums over pairs of values, in their order. */
    private static final class Sums {
        private long values;
        private double before;
        private double after;
        private double both;
        private double difference;
        private double largest;

        void add(float[] a, float[] b) {
            for (int i = 0; i < a.length; i++) {
                double d = (double) b[i] - a[i];
                before += (double) a[i] * a[i];
                after += (double) b[i] * b[i];
                both += (double) a[i] * b[i];
                difference += d * d;
                largest = Math.max(largest, Math.abs(d));
            }
            values += a.length;
        }

        void add(Sums other) {
            values += other.values;
            before += other.before;
            after += other.after;
            both += other.both;
            difference += other.difference;
            largest = Math.max(largest, other.largest);
        }

        TensorDiff diff(String name) {
            double norms = Math.sqrt(before) * Math.sqrt(after);
            return new TensorDiff(
                    name,
                    values,
                    Math.sqrt(before),
                    Math.sqrt(after),
                    Math.sqrt(difference),
                    norms == 0 ? Double.NaN : Math.min(1, Math.max(-1, both / norms)),
                    largest);
        }
    }
}
