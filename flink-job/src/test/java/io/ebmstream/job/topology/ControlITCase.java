package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.cli.Cli;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.control.ControlDecoder;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders by the command line to a whole job on a real broker, and what the job does then. */
class ControlITCase {
    private static final int WARMUP = 8;
    private static final int ROUND = 12;

    @TempDir static Path checkpoints;

    private EmbeddedBroker broker;
    private KafkaProducer<byte[], byte[]> producer;
    private int fed;

    @Test
    void ordersSteerTheJobAndAreAnswered() throws Exception {
        try (EmbeddedBroker started = EmbeddedBroker.start()) {
            broker = started;
            broker.createTopics(JobTopics.of(TopicNames.defaults(), 2, (short) 1));
            JobConfig config = JobConfig.of(settings());
            StreamExecutionEnvironment env =
                    StreamExecutionEnvironment.createLocalEnvironment(2, FlinkDefaults.of(config));
            EbmTopology.build(env, config, TestModels.REFERENCE);
            JobClient job = env.executeAsync("test");
            try (KafkaProducer<byte[], byte[]> open =
                    TestTopics.producer(broker.bootstrapServers())) {
                producer = open;
                pausesAndResumes();
                pinsRollsBackAndUnpins();
                refuses();
            }
            job.cancel().get(30, TimeUnit.SECONDS);
        }
    }

    private void pausesAndResumes() throws Exception {
        round();
        JsonNode paused = order(0, "pause");
        assertThat(paused.get("kind").asText()).isEqualTo("DONE");
        int updates = paused.get("update").asInt();
        assertThat(updates).isPositive();
        round();
        // the answer is younger than the images' committed results
        assertThat(order(0, "pause").get("update").asInt()).isEqualTo(updates);
        assertThat(order(0, "resume").get("update").asInt()).isEqualTo(updates);
        round();
        TestTopics.await(broker.bootstrapServers(), Topics.DIAGNOSTICS, updates + 1);
        JsonNode published = order(0, "publish");
        assertThat(version(published, "version_after")).isNotEqualTo("0.0");
        assertThat(order(0, "publish").get("version_after"))
                .isEqualTo(published.get("version_after"));
    }

    private void pinsRollsBackAndUnpins() throws Exception {
        String pinned = version(order(0, "publish"), "version_after");
        order(0, "pin", pinned);
        round();
        assertThat(round()).allSatisfy(image -> assertThat(version(image)).isEqualTo(pinned));
        JsonNode back = order(0, "roll-back", pinned);
        assertThat(version(back, "version_before")).isNotEqualTo(pinned);
        assertThat(version(back, "version_after")).isEqualTo("1.0");
        assertThat(round()).allSatisfy(image -> assertThat(version(image)).isEqualTo(pinned));
        order(0, "steps", "3");
        order(0, "unpin");
        round();
        assertThat(round())
                .allSatisfy(
                        image -> {
                            assertThat(version(image)).startsWith("1.");
                            assertThat(image.getSteps()).isEqualTo(3);
                        });
    }

    private void refuses() throws Exception {
        assertThat(order(1, "pin", "9.9").get("message").asText()).contains("found 9.9");
        assertThat(order(1, "steps", "2001").get("message").asText()).contains("0 to 2000");
        assertThat(order(1, "pause", "--model=other").get("kind").asText()).isEqualTo("REJECTED");
        byte[] bytes = "no command".getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(Topics.CONTROL, bytes)).get();
        ConsumerRecord<byte[], byte[]> letter =
                TestTopics.await(broker.bootstrapServers(), Topics.IMAGES_DLQ, 1).get(0);
        assertThat(letter.value()).isEqualTo(bytes);
        assertThat(new String(letter.headers().lastHeader(Headers.STAGE).value()))
                .isEqualTo(ControlDecoder.STAGE);
        Cli.Outcome watch =
                Cli.run(
                        "watch",
                        "events",
                        "--bootstrap=" + broker.bootstrapServers(),
                        "--from-beginning",
                        "--limit=1");
        assertThat(watch.out()).contains("default done  pause").contains("update");
    }

    /** Gives an order until it is answered: the job may not have begun to listen yet. */
    private JsonNode order(int exit, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("control"));
        command.addAll(List.of(words));
        command.addAll(
                List.of(
                        "--bootstrap=" + broker.bootstrapServers(),
                        "--id=" + fed + String.join("-", words) + System.nanoTime(),
                        "--wait=5",
                        "--json"));
        Cli.Outcome outcome = Cli.run(command.toArray(new String[0]));
        for (int i = 0; i < 12 && outcome.out().isEmpty(); i++) {
            outcome = Cli.run(command.toArray(new String[0]));
        }
        assertThat(outcome.out()).as(outcome.err()).isNotEmpty();
        assertThat(outcome.exit()).as(outcome.out()).isEqualTo(exit);
        return new ObjectMapper().readTree(outcome.out());
    }

    /** Feeds images and waits for them; they come back purified, in any order. */
    private List<PurifiedImage> round() throws Exception {
        int first = fed;
        for (; fed < first + ROUND; fed++) {
            producer.send(
                    new ProducerRecord<>(
                            Topics.IMAGES, TestModels.imageRecord(fed, "stream-" + fed % 3)));
        }
        producer.flush();
        List<PurifiedImage> images = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.await(broker.bootstrapServers(), Topics.PURIFIED, fed)) {
            PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
            if (Integer.parseInt(image.getImageId().substring("image-".length())) >= first) {
                images.add(image);
            }
        }
        assertThat(images).hasSize(ROUND);
        return images;
    }

    private static String version(PurifiedImage image) {
        return image.getModelVersion().getEpoch() + "." + image.getModelVersion().getCounter();
    }

    private static String version(JsonNode event, String field) {
        return event.get(field).get("epoch").asLong() + "." + event.get(field).get("counter");
    }

    private Map<String, String> settings() {
        Map<String, String> settings = SmallJob.settings(broker, checkpoints);
        settings.put("ebm.control.enabled", "true");
        settings.put("ebm.image.channels", "1");
        settings.put("ebm.image.height", "16");
        settings.put("ebm.image.width", "16");
        settings.put("ebm.model.width", "2");
        settings.put("ebm.learner.warmup", String.valueOf(WARMUP));
        settings.put("ebm.learner.images-per-update", "4");
        settings.put("ebm.learner.publish-every", "2");
        settings.put("ebm.purifier.steps", "5");
        return settings;
    }
}
