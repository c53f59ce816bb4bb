package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ebmstream.job.cli.Cli;
import io.ebmstream.job.topology.Metric.Type;
import io.ebmstream.job.topology.Metric.Unit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class EbmMetricsTest {
    @Test
    void everyNameStandsForOneMetric() {
        assertThat(EbmMetrics.all()).hasSizeGreaterThan(25);
        assertThat(EbmMetrics.all().stream().map(Metric::name)).doesNotHaveDuplicates();
        assertThat(EbmMetrics.all()).allSatisfy(m -> assertThat(m.meaning()).endsWith("."));
    }

    @Test
    void namesInPrometheusHoldGroupAndLabels() {
        assertThat(EbmMetrics.UPDATES.prometheus())
                .isEqualTo("flink_taskmanager_job_task_operator_ebm_updates");
        assertThat(EbmMetrics.COMPUTE.prometheus())
                .isEqualTo("flink_taskmanager_job_task_operator_ebm_executor_precision_compute");
    }

    @Test
    void everyMetricIsRegisteredAndNoneUnderANameOfItsOwn() throws Exception {
        String sources;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            sources =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(EbmMetricsTest::text)
                            .collect(Collectors.joining());
        }
        Pattern constants = Pattern.compile("public static final Metric (\\w+) =");
        assertThat(constants.matcher(sources).results().map(match -> match.group(1)))
                .hasSize(EbmMetrics.all().size())
                .allSatisfy(name -> assertThat(sources).containsPattern("[ .(]" + name + "[,)]"));
        assertThat(sources).doesNotContainPattern("\\.(counter|gauge|histogram|meter)\\(\\s*\"");
    }

    @Test
    void aMetricIsRegisteredAsWhatItIs() {
        var group = new UnregisteredMetricsGroup();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EbmMetrics.counter(group, EbmMetrics.QUEUE))
                .withMessageContaining("expected queue as GAUGE")
                .withMessageContaining("found COUNTER");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EbmMetrics.counter(group, EbmMetrics.GUARD_ACTIONS))
                .withMessageContaining("[remedy]");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Metric(
                                        "not-a-name",
                                        Type.GAUGE,
                                        Unit.NONE,
                                        "A name that Prometheus changes.",
                                        List.of(),
                                        List.of("learner")))
                .withMessageContaining("not-a-name");
    }

    @Test
    void thePageIsThatOfTheCode() {
        assertThat(Path.of("docs/METRICS.md"))
                .as("run ./ebm config --metrics > flink-job/docs/METRICS.md")
                .hasContent(MetricsReference.markdown());
        assertThat(Cli.run("config", "--metrics").out()).isEqualTo(MetricsReference.markdown());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
