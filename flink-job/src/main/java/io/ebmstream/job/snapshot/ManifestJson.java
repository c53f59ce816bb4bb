package io.ebmstream.job.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Manifests as JSON with the names of the Avro fields, as {@code ebm watch --json} and the demo
 * write them, but without the picture, whose bytes as text would bury the rest. Stateless,
 * thread-safe.
 */
public final class ManifestJson {
    /** Name of the file beside an exported model. */
    public static final String NAME = "manifest.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GRID = "sample_grid_png";

    private ManifestJson() {}

    /** The manifest without its picture. */
    public static ObjectNode of(SnapshotManifest manifest) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(manifest.toString());
            json.remove(GRID);
            return json;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Avro writes records as JSON", e);
        }
    }

    /**
     * Provenance out of {@link #of}.
     *
     * @throws IllegalArgumentException if a field has another kind of value
     */
    static Provenance provenance(JsonNode manifest) {
        JsonNode json = manifest.path("provenance");
        return Provenance.newBuilder()
                .setInputOffsets(map(json, "input_offsets", ManifestJson::whole))
                .setUpdateCount(whole(json.path("update_count")))
                .setImagesSeen(whole(json.path("images_seen")))
                .setHyperparameters(map(json, "hyperparameters", JsonNode::asText))
                .setSoftware(map(json, "software", JsonNode::asText))
                .setDevice(json.path("device").asText())
                .build();
    }

    /**
     * The sampler out of {@link #of}.
     *
     * @throws IllegalArgumentException if a field has another kind of value
     */
    static SamplerConfig sampler(JsonNode manifest) {
        JsonNode json = manifest.path("sampler");
        return SamplerConfig.newBuilder()
                .setStepSize(number(json.path("step_size")))
                .setTemperature(number(json.path("temperature")))
                .setTau(json.hasNonNull("tau") ? number(json.path("tau")) : null)
                .setMaxNorm(json.hasNonNull("max_norm") ? number(json.path("max_norm")) : null)
                .setSteps(Math.toIntExact(whole(json.path("steps"))))
                .build();
    }

    private static <T> Map<String, T> map(
            JsonNode parent, String name, Function<JsonNode, T> value) {
        Map<String, T> map = new TreeMap<>();
        parent.path(name).properties().forEach(e -> map.put(e.getKey(), value.apply(e.getValue())));
        return map;
    }

    private static long whole(JsonNode value) {
        if (!value.canConvertToLong()) {
            throw new IllegalArgumentException("expected a whole number, found " + value);
        }
        return value.asLong();
    }

    private static double number(JsonNode value) {
        if (!value.isNumber()) {
            throw new IllegalArgumentException("expected a number, found " + value);
        }
        return value.asDouble();
    }
}
