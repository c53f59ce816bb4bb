package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.job.local.TopicTail;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The deployment's entry class, arguments, job configuration and Flink configuration in Flink's
 * application mode: the job runs, ends with a savepoint as the operator ends it for an upgrade, and
 * goes on from that.
 */
@Timeout(400)
class ApplicationModeITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int IMAGES = 24;

    /** Ids of purified images. */
    private final Queue<String> purified = new ConcurrentLinkedQueue<>();

    @TempDir Path folder;

    @Test
    void anUpgradeGoesOnFromItsSavepoint() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            JobConfig config = jobFile(broker);
            broker.createTopics(JobTopics.of(config, 2, (short) 1));
            try (TopicTail tail =
                    new TopicTail(
                            "purified",
                            broker.bootstrapServers(),
                            true,
                            Map.of(config.topics().purified(), this::count))) {
                feed(config, 0);
                String savepoint = run(IMAGES, "");
                assertThat(Path.of(URI.create(savepoint).getPath())).isDirectory();
                feed(config, IMAGES);
                run(2 * IMAGES, savepoint);
                tail.check();
            }
            assertThat(purified)
                    .as("nothing lost, nothing doubled")
                    .hasSize(2 * IMAGES)
                    .doesNotHaveDuplicates();
        }
    }

    private void count(ConsumerRecord<byte[], byte[]> image) throws WireFormatException {
        purified.add(WireFormat.PURIFIED.decode(image.value()).getImageId());
    }

    /** Runs a cluster until so many images are out, and ends it with a savepoint. */
    private String run(int images, String from) throws Exception {
        int[] ports = EmbeddedBroker.freePorts(2);
        Path log = folder.resolve("cluster-" + images + ".log");
        Process cluster = start(flinkFolder(ports, from), log);
        try {
            String rest = "http://localhost:" + ports[0];
            while (purified.size() < images) {
                assertThat(cluster.isAlive()).as(Files.readString(log)).isTrue();
                Thread.sleep(300);
            }
            JsonNode job = get(rest + "/jobs/overview").at("/jobs/0");
            assertThat(job.path("state").asText()).isEqualTo("RUNNING");
            String id = job.path("jid").asText();
            String trigger =
                    post(rest + "/jobs/" + id + "/stop", "{\"drain\": false}")
                            .path("request-id")
                            .asText();
            String savepoint = "";
            while (savepoint.isEmpty()) {
                JsonNode status = get(rest + "/jobs/" + id + "/savepoints/" + trigger);
                assertThat(status.at("/operation").has("failure-cause")).as("" + status).isFalse();
                savepoint = status.at("/operation/location").asText();
                Thread.sleep(200);
            }
            assertThat(cluster.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(cluster.exitValue()).as(Files.readString(log)).isZero();
            return savepoint;
        } finally {
            cluster.destroyForcibly();
        }
    }

    private Process start(Path flink, Path log) throws IOException {
        JsonNode job = deployment().at("/spec/job");
        JsonNode options = deployment().at("/spec/flinkConfiguration/env.java.opts.all");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx768m");
        command.addAll(List.of(options.asText().split(" ")));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        ApplicationCluster.class.getName(),
                        flink.toString(),
                        job.path("entryClass").asText()));
        Manifests.elements(job.path("args"))
                .map(JsonNode::asText)
                .map(a -> a.endsWith("job.yaml") ? folder.resolve("job.yaml").toString() : a)
                .forEach(command::add);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** The overlay's Flink configuration, but for places and sizes. */
    private Path flinkFolder(int[] ports, String from) throws IOException {
        ObjectNode flink = (ObjectNode) deployment().at("/spec/flinkConfiguration").deepCopy();
        List<String> elsewhere =
                flink.properties().stream()
                        .map(Map.Entry::getKey)
                        .filter(
                                key ->
                                        key.matches(
                                                "(high-availability|kubernetes|env|metrics)"
                                                        + "\\..*"))
                        .toList();
        flink.remove(elsewhere);
        flink.remove("metrics.reporters");
        flink.put("rest.port", String.valueOf(ports[0]));
        flink.put("jobmanager.rpc.address", "localhost");
        flink.put("jobmanager.rpc.port", String.valueOf(ports[1]));
        flink.put("taskmanager.host", "localhost");
        flink.put(
                "taskmanager.memory.process.size",
                deployment().at("/spec/taskManager/resource/memory").asText());
        flink.put("io.tmp.dirs", Files.createDirectories(folder.resolve("scratch")).toString());
        flink.put("execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
        flink.put(
                "execution.checkpointing.savepoint-dir",
                folder.resolve("savepoints").toUri().toString());
        if (!from.isEmpty()) {
            flink.put("execution.state-recovery.path", from);
        }
        Path conf = Files.createTempDirectory(folder, "conf");
        new YAMLMapper().writeValue(conf.resolve("config.yaml").toFile(), flink);
        return conf;
    }

    private static JsonNode deployment() {
        return Manifests.overlay("dev").get("FlinkDeployment", "ebm-stream");
    }

    /** The overlay's job with this broker, without secrets, and smaller still. */
    private JobConfig jobFile(EmbeddedBroker broker) throws IOException {
        ObjectNode job =
                Manifests.documents(
                                Manifests.overlay("dev")
                                        .get("ConfigMap", "ebm-job")
                                        .at("/data/job.yaml")
                                        .asText())
                        .get(0);
        job.remove("kafka");
        ObjectNode ebm = (ObjectNode) job.path("ebm");
        ((ObjectNode) ebm.path("kafka")).put("bootstrap", broker.bootstrapServers());
        ((ObjectNode) ebm.path("checkpoint")).put("interval", "500 ms");
        ((ObjectNode) ebm.path("model")).put("width", 2);
        ((ObjectNode) ebm.path("learner"))
                .put("batch", 4)
                .put("bank", 16)
                .put("replay", 64)
                .put("warmup", 16)
                .put("steps", 2);
        ((ObjectNode) ebm.path("purifier")).put("steps", 2);
        Path file = folder.resolve("job.yaml");
        new YAMLMapper().writeValue(file.toFile(), job);
        return JobConfig.load(file, Map.of());
    }

    private static void feed(JobConfig config, int first) {
        ShapesDataset images = new ShapesDataset(config.model().shape(), 1, IMAGES);
        try (ImageFeeder feeder =
                new ImageFeeder(
                        config.kafka().properties(),
                        config.topics().images(),
                        "camera",
                        ImageEncoding.RAW_U8_PLANAR)) {
            for (int i = 0; i < IMAGES; i++) {
                feeder.send("image-" + (first + i), images.image(i));
            }
            feeder.flush();
        }
    }

    private static JsonNode get(String url) throws IOException, InterruptedException {
        return answer(HttpRequest.newBuilder(URI.create(url)).GET());
    }

    private static JsonNode post(String url, String body) throws IOException, InterruptedException {
        return answer(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static JsonNode answer(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                HttpClient.newHttpClient()
                        .send(
                                request.timeout(Duration.ofSeconds(30)).build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return JSON.readTree(answer.body());
    }
}
