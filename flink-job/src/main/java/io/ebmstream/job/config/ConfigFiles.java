package io.ebmstream.job.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a YAML file of options: nested, dotted or mixed; {@code ebm: {learner: {batch: 64}}} and
 * {@code ebm.learner.batch: 64} mean the same.
 */
final class ConfigFiles {
    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private ConfigFiles() {}

    /**
     * Keys and values of a file, flat, in the file's order.
     *
     * @throws ConfigException if the file cannot be read, is not YAML or says a key twice
     */
    static Map<String, String> read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(
                    List.of("expected a readable configuration file, found " + file + ": " + e));
        }
        return parse(text, file.toString());
    }

    static Map<String, String> parse(String text, String source) {
        Map<String, String> flat = new LinkedHashMap<>();
        try {
            JsonNode root = YAML.readTree(text);
            if (root == null || root.isMissingNode() || root.isNull()) {
                return flat;
            }
            if (!root.isObject()) {
                throw new ConfigException(
                        List.of("expected keys and values in " + source + ", found " + root));
            }
            flatten("", root, flat, source);
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null
                            ? ""
                            : " line "
                                    + e.getLocation().getLineNr()
                                    + ", column "
                                    + e.getLocation().getColumnNr();
            throw new ConfigException(
                    List.of(
                            "expected YAML in "
                                    + source
                                    + ", found an error at"
                                    + where
                                    + ": "
                                    + e.getOriginalMessage().lines().findFirst().orElse("")));
        }
        return flat;
    }

    private static void flatten(
            String prefix, JsonNode node, Map<String, String> flat, String source) {
        node.properties()
                .forEach(
                        entry -> {
                            String key = prefix + entry.getKey();
                            JsonNode value = entry.getValue();
                            if (value.isObject()) {
                                flatten(key + ".", value, flat, source);
                                return;
                            }
                            String text = value.isArray() ? value.toString() : value.asText();
                            if (flat.put(key, value.isNull() ? "" : text) != null) {
                                throw new ConfigException(
                                        List.of(
                                                key
                                                        + ": expected once in "
                                                        + source
                                                        + ", found twice (nested and dotted)"));
                            }
                        });
    }
}
