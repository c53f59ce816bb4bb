package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.BrokenInput;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.job.local.LocalCluster;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.job.topology.Metric;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ShapesDataset;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a running job tells Prometheus, by the reporter that the manifests configure. */
@Timeout(300)
class PrometheusITCase {
    private static final Pattern SAMPLE =
            Pattern.compile("(\\w+)\\{(.*)} (NaN|[-+]?[0-9.E+-]+|[-+]?Inf)");

    private static final Pattern OPERATOR = Pattern.compile("operator_name=\"([^\"]*)\"");

    /** In lockstep only: a job that is not shows none of them. */
    private static final Set<String> ELSEWHERE = Set.of("merge", "number");

    private static final int IMAGES = 40;

    @TempDir Path folder;

    @Test
    void aRunningJobReportsWhatDashboardAndAlertsAskFor() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            int port = EmbeddedBroker.freePorts(1)[0];
            JobConfig config = JobConfig.of(settings(broker, port));
            broker.createTopics(JobTopics.of(config, 2, (short) 1));
            try (LocalCluster job = LocalCluster.start(config, folder.resolve("scratch"))) {
                feed(config);
                String purified = EbmMetrics.IMAGES_PURIFIED.prometheus();
                String updates = EbmMetrics.UPDATES.prometheus();
                String checkpoints = "flink_jobmanager_job_numberOfCompletedCheckpoints";
                List<Sample> samples = List.of();
                long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
                while (sum(samples, purified) < IMAGES
                        || sum(samples, updates) < 1
                        || sum(samples, checkpoints) < 1) {
                    job.check();
                    assertThat(System.nanoTime()).as("%s", samples).isLessThan(deadline);
                    Thread.sleep(200);
                    samples = scrape(port);
                }
                everyMetricIsThere(samples);
                assertThat(sum(samples, EbmMetrics.DEAD_LETTERS.prometheus())).isEqualTo(1);
                assertThat(sum(samples, EbmMetrics.READINGS.prometheus())).isPositive();
                Set<String> names =
                        samples.stream()
                                .map(Sample::name)
                                .collect(Collectors.toCollection(TreeSet::new));
                EbmMetrics.all().stream()
                        .filter(metric -> ELSEWHERE.containsAll(metric.operators()))
                        .forEach(metric -> names.add(metric.prometheus()));
                assertThat(names).containsAll(MonitoringTest.names(MonitoringTest.dashboard()));
                assertThat(names).containsAll(MonitoringTest.names(MonitoringTest.alerts()));
            }
        }
    }

    private static void everyMetricIsThere(List<Sample> samples) {
        for (Metric metric : EbmMetrics.all()) {
            for (String operator : metric.operators()) {
                if (!ELSEWHERE.contains(operator)) {
                    List<Sample> found =
                            samples.stream()
                                    .filter(s -> s.name().equals(metric.prometheus()))
                                    .filter(s -> s.operator().equals(operator.replace('-', '_')))
                                    .toList();
                    assertThat(found).as("%s of %s", metric.name(), operator).isNotEmpty();
                    metric.labels()
                            .forEach(
                                    label ->
                                            assertThat(found.get(0).labels())
                                                    .contains(label + "=\""));
                }
            }
        }
        assertThat(samples.stream().map(Sample::name).filter(n -> n.contains("_operator_ebm_")))
                .as("nothing that has no meaning in EbmMetrics")
                .allMatch(
                        name ->
                                EbmMetrics.all().stream()
                                        .map(Metric::prometheus)
                                        .anyMatch(
                                                known ->
                                                        name.equals(known)
                                                                || name.equals(known + "_count")));
    }

    private static void feed(JobConfig config) {
        ShapesDataset images = new ShapesDataset(config.model().shape(), 1, IMAGES);
        try (ImageFeeder feeder =
                new ImageFeeder(
                        config.kafka().properties(),
                        config.topics().images(),
                        "camera",
                        ImageEncoding.RAW_U8_PLANAR)) {
            for (int i = 0; i < IMAGES; i++) {
                feeder.send("image-" + i, images.image(i));
            }
            feeder.sendBroken(BrokenInput.values()[0], images.image(0), 1, 0);
            feeder.flush();
        }
    }

    private Map<String, String> settings(EmbeddedBroker broker, int port) {
        Map<String, String> settings = new HashMap<>();
        settings.put("ebm.kafka.bootstrap", broker.bootstrapServers());
        settings.put("ebm.checkpoint.interval", "500 ms");
        settings.put("ebm.checkpoint.dir", folder.resolve("checkpoints").toUri().toString());
        settings.put("ebm.model.width", "2");
        settings.put("ebm.learner.batch", "4");
        settings.put("ebm.learner.images-per-update", "8");
        settings.put("ebm.learner.warmup", "16");
        settings.put("ebm.learner.replay", "64");
        settings.put("ebm.learner.bank", "16");
        settings.put("ebm.learner.steps", "2");
        settings.put("ebm.learner.publish-every", "1");
        settings.put("ebm.purifier.steps", "2");
        settings.put("ebm.purifier.batch", "8");
        settings.put("ebm.control.enabled", "true");
        // as on a cluster, but for the port
        Manifests.overlay("cpu")
                .get("FlinkDeployment", "ebm-stream")
                .at("/spec/flinkConfiguration")
                .properties()
                .stream()
                .filter(e -> e.getKey().startsWith("metrics."))
                .forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
        settings.put("metrics.reporter.prom.port", String.valueOf(port));
        return settings;
    }

    /** One line of what Prometheus gets; {@code value} is a number always. */
    private record Sample(String name, String labels, double value) {
        String operator() {
            var matcher = OPERATOR.matcher(labels);
            return matcher.find() ? matcher.group(1) : "";
        }
    }

    private static double sum(List<Sample> samples, String name) {
        return samples.stream().filter(s -> s.name().equals(name)).mapToDouble(Sample::value).sum();
    }

    private static List<Sample> scrape(int port) throws IOException, InterruptedException {
        HttpResponse<String> page =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create("http://localhost:" + port + "/metrics"))
                                        .timeout(Duration.ofSeconds(20))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        return page.body()
                .lines()
                .filter(line -> line.startsWith("flink_") && line.contains("{"))
                .map(
                        line -> {
                            var match = SAMPLE.matcher(line);
                            assertThat(match.matches()).as(line).isTrue();
                            return new Sample(
                                    match.group(1), match.group(2), number(match.group(3)));
                        })
                .toList();
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace("Inf", "Infinity"));
    }
}
