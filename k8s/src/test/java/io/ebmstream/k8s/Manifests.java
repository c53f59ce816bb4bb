package io.ebmstream.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.ebmstream.job.config.JobConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Renders an overlay as kustomize does, as far as these manifests need it: resources, components,
 * config maps out of files, the namespace, merge patches and JSON patches that replace. Strict
 * where kustomize is lenient: a patch must hit what is there. {@link KustomizeTest} compares it
 * with the tool.
 */
final class Manifests {
    /** The folder of the manifests: this module's. */
    static final Path ROOT = Path.of("").toAbsolutePath();

    static final List<String> OVERLAYS = List.of("cpu", "gpu", "dev");

    private static final YAMLMapper YAML = new YAMLMapper();

    private final Map<String, ObjectNode> resources = new LinkedHashMap<>();

    private Manifests() {}

    /** All resources of an overlay, patched. */
    static Manifests overlay(String name) {
        Manifests manifests = new Manifests();
        manifests.build(ROOT.resolve("overlays").resolve(name));
        return manifests;
    }

    /** The job's configuration in an overlay, read as the job reads it. */
    static JobConfig job(String overlay) {
        return JobConfig.load(
                ROOT.resolve("overlays").resolve(overlay).resolve("job.yaml"), Map.of());
    }

    /** All documents of a YAML stream. */
    static List<ObjectNode> documents(String text) {
        try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            return values.readAll().stream()
                    .filter(JsonNode::isObject)
                    .map(ObjectNode.class::cast)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of them. */
    List<ObjectNode> all() {
        return List.copyOf(resources.values());
    }

    /** Those of a kind. */
    List<ObjectNode> of(String kind) {
        return all().stream().filter(node -> kind(node).equals(kind)).toList();
    }

    /** The one of a kind and a name. */
    ObjectNode get(String kind, String name) {
        ObjectNode found = resources.get(kind + "/" + name);
        if (found == null) {
            throw new AssertionError(
                    "expected a " + kind + " " + name + ", found " + resources.keySet());
        }
        return found;
    }

    static String kind(JsonNode resource) {
        return resource.path("kind").asText();
    }

    static String name(JsonNode resource) {
        return resource.path("metadata").path("name").asText();
    }

    private void build(Path folder) {
        JsonNode kustomization = documents(read(folder.resolve("kustomization.yaml"))).get(0);
        kustomization
                .fieldNames()
                .forEachRemaining(
                        field -> {
                            if (!FIELDS.contains(field)) {
                                throw new AssertionError(
                                        "expected one of " + FIELDS + ", found " + field);
                            }
                        });
        Stream.of("resources", "components")
                .flatMap(field -> elements(kustomization.path(field)))
                .forEach(entry -> add(folder.resolve(entry.asText()).normalize()));
        elements(kustomization.path("configMapGenerator")).forEach(map -> generate(folder, map));
        elements(kustomization.path("patches")).forEach(patch -> patch(folder, patch));
        String namespace = kustomization.path("namespace").asText();
        if (!namespace.isEmpty()) {
            all().stream()
                    .filter(node -> !kind(node).equals("Namespace"))
                    .forEach(node -> node.withObject("/metadata").put("namespace", namespace));
        }
    }

    private static final List<String> FIELDS =
            List.of(
                    "apiVersion",
                    "kind",
                    "namespace",
                    "resources",
                    "components",
                    "configMapGenerator",
                    "patches",
                    "configurations");

    private void add(Path path) {
        if (Files.isDirectory(path)) {
            build(path);
        } else {
            documents(read(path)).forEach(this::put);
        }
    }

    private void put(ObjectNode resource) {
        String key = kind(resource) + "/" + name(resource);
        if (resources.put(key, resource) != null) {
            throw new AssertionError("expected " + key + " once, found it twice");
        }
    }

    private void generate(Path folder, JsonNode generator) {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        map.put("apiVersion", "v1").put("kind", "ConfigMap");
        ObjectNode metadata = map.putObject("metadata");
        metadata.put("name", generator.path("name").asText());
        JsonNode labels = generator.path("options").path("labels");
        if (labels.isObject()) {
            metadata.set("labels", labels);
        }
        ObjectNode data = map.putObject("data");
        elements(generator.path("files"))
                .forEach(file -> data.put(file.asText(), read(folder.resolve(file.asText()))));
        put(map);
    }

    private void patch(Path folder, JsonNode patch) {
        if (patch.has("path")) {
            documents(read(folder.resolve(patch.path("path").asText())))
                    .forEach(change -> merge(get(kind(change), name(change)), change));
            return;
        }
        String kind = patch.path("target").path("kind").asText();
        List<ObjectNode> targets = of(kind);
        if (targets.isEmpty()) {
            throw new AssertionError("expected a " + kind + " to patch, found none");
        }
        try {
            for (JsonNode change : YAML.readTree(patch.path("patch").asText())) {
                targets.forEach(target -> replace(target, change));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replace(ObjectNode target, JsonNode change) {
        String[] path = change.path("path").asText().substring(1).split("/");
        JsonNode parent = target;
        for (int i = 0; i < path.length - 1; i++) {
            parent = parent.path(path[i]);
        }
        String last = path[path.length - 1];
        if (!change.path("op").asText().equals("replace") || !parent.has(last)) {
            throw new AssertionError(
                    "expected a replacement of what is in " + target + ", found " + change);
        }
        ((ObjectNode) parent).set(last, change.path("value"));
    }

    private static void merge(ObjectNode into, ObjectNode change) {
        change.properties()
                .forEach(
                        field -> {
                            JsonNode old = into.get(field.getKey());
                            if (old instanceof ObjectNode node
                                    && field.getValue() instanceof ObjectNode inner) {
                                merge(node, inner);
                            } else if (old instanceof ArrayNode) {
                                throw new AssertionError(
                                        "expected a patch to leave the list "
                                                + field.getKey()
                                                + " alone: it would be replaced as a whole");
                            } else {
                                into.set(field.getKey(), field.getValue());
                            }
                        });
    }

    static Stream<JsonNode> elements(JsonNode array) {
        return Stream.iterate(0, i -> i < array.size(), i -> i + 1).map(array::get);
    }
}
