package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.job.topology.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether alerts are raised when they should be and not otherwise, as Prometheus' own promtool
 * judges: that of {@code -Debm.promtool}, or of the path.
 */
class AlertRulesTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String PROMTOOL = System.getProperty("ebm.promtool", "promtool");
    private static final Set<String> METRICS =
            EbmMetrics.all().stream().map(Metric::prometheus).collect(Collectors.toSet());
    private static final String OURS = "flink_taskmanager_job_task_operator_ebm_";

    @TempDir Path folder;

    private static final JsonNode CASES = read();

    static Stream<Arguments> cases() {
        return Stream.of("quiet", "raised")
                .flatMap(kind -> Manifests.elements(CASES.path(kind)))
                .map(node -> Arguments.of(name(node), node));
    }

    private static String name(JsonNode node) {
        return node.path("alert").asText("no alert") + " when " + node.path("when").asText();
    }

    private static JsonNode read() {
        try (InputStream in = AlertRulesTest.class.getResourceAsStream("alert-cases.yaml")) {
            return YAML.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyAlertIsRaisedInSomeCase() {
        assertThat(
                        Manifests.elements(CASES.path("raised"))
                                .map(node -> node.path("alert").asText()))
                .containsAll(
                        MonitoringTest.rules().stream()
                                .map(rule -> rule.path("alert").asText())
                                .toList());
    }

    @Test
    void prometheusReadsTheRules() throws Exception {
        assertThat(promtool("check", "rules", "--lint-fatal", rules())).contains("SUCCESS");
    }

    @Test
    void prometheusReadsTheDashboardsExpressions() throws Exception {
        ObjectNode file = YAML.createObjectNode();
        ObjectNode group = file.putArray("groups").addObject();
        ArrayNode rules = group.put("name", "dashboard").putArray("rules");
        for (String expression : MonitoringTest.panelExpressions()) {
            // what Grafana fills in
            String filled = expression.replace("$__rate_interval", "5m");
            rules.addObject().put("record", "panel:" + rules.size()).put("expr", filled);
        }
        Path path = folder.resolve("dashboard.yaml");
        YAML.writeValue(path.toFile(), file);
        assertThat(promtool("check", "rules", path.toString()))
                .contains("SUCCESS: " + rules.size() + " rules found");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void alertsAreRaisedWhenTheyShouldBe(String name, JsonNode given) throws Exception {
        ObjectNode file = YAML.createObjectNode();
        file.putArray("rule_files").add(rules());
        ObjectNode test = file.putArray("tests").addObject();
        test.put("name", name).put("interval", "1m");
        ArrayNode inputs = test.putArray("input_series");
        Map<String, String> series = new LinkedHashMap<>();
        CASES.path("healthy").properties().forEach(e -> put(series, e));
        Set<String> known = Set.copyOf(series.keySet());
        given.path("series").properties().forEach(e -> put(series, e));
        assertThat(known).as("a case changes what is there").containsAll(series.keySet());
        series.forEach(
                (key, values) -> inputs.addObject().put("series", key).put("values", values));
        ArrayNode expected = test.putArray("alert_rule_test");
        for (JsonNode rule : MonitoringTest.rules()) {
            ObjectNode row = expected.addObject();
            row.put("eval_time", given.path("minute").asInt() + "m");
            row.set("alertname", rule.path("alert"));
            ArrayNode alerts = row.putArray("exp_alerts");
            if (rule.path("alert").equals(given.path("alert"))) {
                ObjectNode alert = alerts.addObject();
                alert.set("exp_labels", rule.path("labels"));
                alert.set("exp_annotations", rule.path("annotations"));
            }
        }
        Path path = folder.resolve("test.yaml");
        YAML.writeValue(path.toFile(), file);
        assertThat(promtool("test", "rules", path.toString())).contains("SUCCESS");
    }

    private static void put(Map<String, String> series, Map.Entry<String, JsonNode> entry) {
        String name = entry.getKey();
        if (!name.startsWith("flink_")) {
            name = OURS + name;
            assertThat(METRICS).contains(name.replaceAll("\\{.*", ""));
        }
        series.put(name, entry.getValue().asText());
    }

    /** The rules alone, as Prometheus reads them. */
    private String rules() throws IOException {
        JsonNode spec = Manifests.overlay("cpu").get("PrometheusRule", "ebm-stream").path("spec");
        Path path = folder.resolve("rules.yaml");
        YAML.writeValue(path.toFile(), spec);
        return path.toString();
    }

    private static String promtool(String... arguments) throws Exception {
        Process process;
        try {
            process =
                    new ProcessBuilder(
                                    Stream.concat(Stream.of(PROMTOOL), Stream.of(arguments))
                                            .toList())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            return Assumptions.abort(PROMTOOL + " does not run here: alerts are not tried");
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }
}
