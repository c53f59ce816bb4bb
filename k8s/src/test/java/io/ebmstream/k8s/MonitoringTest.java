package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.job.topology.Metric;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whether dashboard and alerts ask for metrics that there are. That a running job reports them
 * under these names is for {@link PrometheusITCase}.
 */
class MonitoringTest {
    private static final Pattern NAME = Pattern.compile("\\bflink_\\w+");
    private static final Pattern OPERATOR = Pattern.compile("operator_name=\"([^\"]*)\"");
    private static final Pattern SELECTOR =
            Pattern.compile("(flink_\\w+)(\\{[^}]*})?(\\[[^\\]]+])?");
    private static final String OURS = "flink_taskmanager_job_task_operator_ebm_";

    /** Every expression of the dashboard's panels. */
    static List<String> panelExpressions() {
        List<String> expressions = new ArrayList<>();
        for (JsonNode panel : panels()) {
            panel.path("targets").forEach(t -> expressions.add(t.path("expr").asText()));
        }
        return expressions;
    }

    /** Every expression of the dashboard. */
    static List<String> dashboard() {
        List<String> expressions = panelExpressions();
        panelRoot().at("/templating/list").forEach(v -> expressions.add(v.path("query").asText()));
        return expressions;
    }

    /** Every expression of the alert rules. */
    static List<String> alerts() {
        List<String> expressions = new ArrayList<>();
        rules().forEach(rule -> expressions.add(rule.path("expr").asText()));
        return expressions;
    }

    /** Names of metrics in expressions. */
    static Set<String> names(List<String> expressions) {
        return expressions.stream()
                .flatMap(expression -> NAME.matcher(expression).results())
                .map(match -> match.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetricOfOursExists() {
        Set<String> ours = ours();
        assertThat(names(dashboard()).stream().filter(n -> n.startsWith(OURS)))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(ours).contains(name));
        assertThat(names(alerts()).stream().filter(n -> n.startsWith(OURS)))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(ours).contains(name));
    }

    @Test
    void theDashboardShowsEveryMetricOfOurs() {
        assertThat(names(dashboard())).containsAll(ours());
    }

    @Test
    void whatWantsAPersonRaisesAnAlert() {
        assertThat(names(alerts()))
                .contains(
                        EbmMetrics.LEARNING_FROZEN.prometheus(),
                        EbmMetrics.UPDATES_DROPPED.prometheus(),
                        EbmMetrics.ROLL_BACKS.prometheus(),
                        EbmMetrics.VERSIONS_REFUSED.prometheus(),
                        EbmMetrics.DEAD_LETTERS.prometheus(),
                        EbmMetrics.IMAGES_KEPT_OUT.prometheus(),
                        EbmMetrics.ALARMS.prometheus(),
                        EbmMetrics.EXECUTOR_FALLBACK.prometheus(),
                        EbmMetrics.LOCKSTEP_HELD.prometheus(),
                        "flink_jobmanager_job_numberOfFailedCheckpoints",
                        "flink_jobmanager_job_numRestarts");
    }

    @Test
    void operatorsInSelectorsHaveTheMetric() {
        Map<String, Metric> metrics =
                EbmMetrics.all().stream()
                        .collect(Collectors.toMap(Metric::prometheus, metric -> metric));
        int found = 0;
        for (String expression : all()) {
            Matcher selector = SELECTOR.matcher(expression);
            while (selector.find()) {
                Metric metric = metrics.get(selector.group(1));
                String labels = selector.group(2) == null ? "" : selector.group(2);
                Matcher operator = OPERATOR.matcher(labels);
                while (operator.find()) {
                    found++;
                    assertThat(metric.operators())
                            .as(expression)
                            .contains(operator.group(1).replace('_', '-'));
                }
                if (metric != null && metric.type() == Metric.Type.COUNTER) {
                    assertThat(selector.group(3))
                            .as("a counter by its rate or increase: %s", expression)
                            .isNotNull();
                }
            }
        }
        assertThat(found).isPositive();
    }

    @Test
    void expressionsAreBalanced() {
        assertThat(all())
                .allSatisfy(
                        expression -> {
                            for (String pair : List.of("()", "[]", "{}")) {
                                assertThat(count(expression, pair.charAt(0)))
                                        .as(expression)
                                        .isEqualTo(count(expression, pair.charAt(1)));
                            }
                            assertThat(count(expression, '"') % 2).as(expression).isZero();
                        });
    }

    @Test
    void everyAlertSaysWhatToDo() {
        String readme = Manifests.read(Manifests.ROOT.resolve("README.md"));
        assertThat(rules())
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        rule -> {
                            assertThat(rule.path("alert").asText()).startsWith("Ebm");
                            assertThat(rule.at("/labels/severity").asText())
                                    .isIn("critical", "warning");
                            assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
                            assertThat(rule.at("/annotations/description").asText()).endsWith(".");
                            assertThat(readme).contains("`" + rule.path("alert").asText() + "`");
                        });
        assertThat(rules().stream().map(rule -> rule.path("alert").asText()))
                .doesNotHaveDuplicates();
    }

    @Test
    void panelsStandBesideEachOther() {
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : panels()) {
            String title = panel.path("title").asText();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            JsonNode at = panel.path("gridPos");
            assertThat(at.path("x").asInt() + at.path("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    assertThat(
                                    taken.add(
                                            List.of(
                                                    at.path("x").asInt() + x,
                                                    at.path("y").asInt() + y)))
                            .as("%s lies over another panel", title)
                            .isTrue();
                }
            }
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.path("description").asText()).as(title).endsWith(".");
                assertThat(panel.path("targets")).as(title).isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void prometheusFindsThePods(String overlay) {
        Manifests manifests = Manifests.overlay(overlay);
        JsonNode spec = manifests.get("FlinkDeployment", "ebm-stream").path("spec");
        JsonNode monitor = manifests.get("PodMonitor", "ebm-stream").path("spec");
        assertThat(spec.at("/podTemplate/metadata/labels").properties())
                .containsAll(monitor.at("/selector/matchLabels").properties());
        JsonNode port = spec.at("/podTemplate/spec/containers/0/ports/0");
        assertThat(port.path("name").asText())
                .isEqualTo(monitor.at("/podMetricsEndpoints/0/port").asText());
        String number = port.path("containerPort").asText();
        JsonNode flink = spec.path("flinkConfiguration");
        assertThat(flink.path("metrics.reporter.prom.port").asText()).isEqualTo(number);
        assertThat(flink.path("metrics.reporters").asText()).isEqualTo("prom");
        assertThat(flink.path("metrics.reporter.prom.factory.class").asText())
                .isEqualTo("org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        assertThat(manifests.get("NetworkPolicy", "ebm-stream").at("/spec/ingress").toString())
                .contains("\"port\":" + number);
        assertThat(manifests.get("ConfigMap", "ebm-dashboard").at("/metadata/labels").toString())
                .contains("grafana_dashboard");
    }

    private static Set<String> ours() {
        return EbmMetrics.all().stream()
                .map(Metric::prometheus)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> all() {
        List<String> all = new ArrayList<>(dashboard());
        all.addAll(alerts());
        return all;
    }

    static List<JsonNode> rules() {
        return Manifests.elements(
                        Manifests.overlay("cpu")
                                .get("PrometheusRule", "ebm-stream")
                                .at("/spec/groups"))
                .flatMap(group -> Manifests.elements(group.path("rules")))
                .toList();
    }

    private static List<JsonNode> panels() {
        return Manifests.elements(panelRoot().path("panels")).toList();
    }

    private static JsonNode panelRoot() {
        try {
            return new ObjectMapper()
                    .readTree(
                            Manifests.overlay("cpu")
                                    .get("ConfigMap", "ebm-dashboard")
                                    .at("/data/dashboard.json")
                                    .asText());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long count(String text, char sign) {
        return text.chars().filter(c -> c == sign).count();
    }
}
