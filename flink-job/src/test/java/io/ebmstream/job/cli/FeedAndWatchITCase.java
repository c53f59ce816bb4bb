package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class FeedAndWatchITCase {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
        broker.createTopics(JobTopics.of(TopicNames.defaults(), 1, (short) 1));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void feedsGoodAndBrokenRecords() throws Exception {
        Cli.Outcome feed =
                Cli.run(
                        "feed",
                        "--bootstrap",
                        broker.bootstrapServers(),
                        "--limit",
                        "12",
                        "--broken",
                        "6",
                        "--corrupt",
                        "0.5",
                        "--encoding",
                        "png");
        assertThat(feed.err()).isEmpty();
        assertThat(feed.exit()).isZero();
        assertThat(feed.out()).contains("sent 12 images and 6 broken records");
        broker.createTopics(List.of(new NewTopic("json-feed", 1, (short) 1)));
        Cli.Outcome json =
                Cli.run(
                        "feed",
                        "--bootstrap",
                        broker.bootstrapServers(),
                        "--limit",
                        "1",
                        "--topic",
                        "json-feed",
                        "--json");
        assertThat(json.exit()).as(json.err()).isZero();
        assertThat(json.out()).startsWith("{").contains("\"images\" : 1", "\"broken\" : 0");
        // the image topic's records are no purified images: watch says so and goes on
        Cli.Outcome watch = watch("purified", "--topic", Topics.IMAGES, "--limit", "18");
        assertThat(watch.exit()).isZero();
        assertThat(watch.out().lines()).hasSize(18).allMatch(l -> l.contains("cannot be read"));
    }

    @Test
    void showsReadingsInWordsAndAsJson() throws Exception {
        DensityReading reading =
                DensityReading.newBuilder()
                        .setImageId("img-1")
                        .setStreamId("door")
                        .setEventTime(5)
                        .setModelVersion(new ModelVersion(1L, 3L))
                        .setEnergy(-12.5)
                        .setRank(0.25)
                        .setZScore(-0.5)
                        .setWindowCount(80)
                        .build();
        send(new ProducerRecord<>(Topics.DENSITY, WireFormat.DENSITY.encode(reading)));
        assertThat(watch("density", "--limit", "1").out())
                .contains("door/img-1", "version 1.3", "-12.5", "rank 0.250");
        JsonNode json =
                new ObjectMapper().readTree(watch("density", "--limit", "1", "--json").out());
        assertThat(json.path("energy").asDouble()).isEqualTo(-12.5);
        assertThat(json.path("model_version").path("counter").asLong()).isEqualTo(3);
    }

    @Test
    void showsDeadLettersWithTheirReason() throws Exception {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(Topics.IMAGES_DLQ, new byte[] {1, 2, 3});
        letter.headers().add(Headers.STAGE, "decode".getBytes(StandardCharsets.UTF_8));
        letter.headers().add(Headers.MESSAGE, "no image".getBytes(StandardCharsets.UTF_8));
        send(letter);
        assertThat(watch("dlq", "--limit", "1").out()).contains("decode: no image", "3 bytes");
        JsonNode json = new ObjectMapper().readTree(watch("dlq", "--limit", "1", "--json").out());
        assertThat(json.path("value").binaryValue()).containsExactly(1, 2, 3);
    }

    @Test
    void aMissingTopicIsAnErrorThatNamesIt() {
        Cli.Outcome watch = watch("alarms", "--topic", "nothing", "--limit", "1");
        assertThat(watch.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(watch.err()).contains("nothing");
    }

    private static Cli.Outcome watch(String kind, String... more) {
        String[] args = new String[4 + more.length];
        args[0] = "watch";
        args[1] = kind;
        args[2] = "--from-beginning";
        args[3] = "--bootstrap=" + broker.bootstrapServers();
        System.arraycopy(more, 0, args, 4, more.length);
        return Cli.run(args);
    }

    private static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(record).get();
        }
    }
}
