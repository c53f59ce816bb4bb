package io.ebmstream.job.board;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.feed.ImageRecords;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BoardITCase {
    private static final String TOKEN = "0123456789abcdef";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Less than a broker is waited for. */
    private static final Duration END_AT_MOST = Duration.ofSeconds(5);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void showsWhatTheTopicsHoldAndGivesOrders() throws Exception {
        TopicNames topics = TopicNames.defaults();
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                Board board = Board.start(settings(broker.bootstrapServers(), topics));
                KafkaProducer<byte[], byte[]> producer =
                        TestTopics.producer(broker.bootstrapServers())) {
            // it is up before its topics are, and finds them later
            await(board, view -> view.path("topics").findValuesAsText("there").contains("false"));
            broker.createTopics(JobTopics.of(topics, 1, (short) 1));
            // which the board has to notice before what comes is new to it
            await(board, view -> !view.path("topics").findValuesAsText("there").contains("false"));
            long now = System.currentTimeMillis();
            send(
                    producer,
                    topics.images(),
                    WireFormat.IMAGE.encode(
                            ImageRecords.record(
                                    "i-1",
                                    "door",
                                    now,
                                    Records.SHAPE,
                                    ImageEncoding.RAW_U8_PLANAR,
                                    new byte[Records.SHAPE.size()],
                                    Image.NO_LABEL,
                                    null)));
            send(
                    producer,
                    topics.purified(),
                    WireFormat.PURIFIED.encode(Records.purified("door", "i-1", 1, now)));
            send(
                    producer,
                    topics.density(),
                    WireFormat.DENSITY.encode(Records.reading("door", -3, 0.5)));
            send(producer, topics.density(), new byte[] {1, 2, 3});
            send(
                    producer,
                    topics.diagnostics(),
                    WireFormat.DIAGNOSTICS.encode(Records.update(0, 4, 1.5)));
            send(
                    producer,
                    topics.snapshots(),
                    WireFormat.SNAPSHOT_MANIFEST.encode(Records.manifest(1)));
            send(
                    producer,
                    topics.alarms(),
                    WireFormat.ALARM.encode(Records.alarm("door", "energies rose", "i-1")));
            // records of no value, as a deletion is one
            producer.send(new ProducerRecord<>(topics.alarms(), new byte[] {0}, null)).get();
            ProducerRecord<byte[], byte[]> letter =
                    new ProducerRecord<>(topics.deadLetters(), new byte[] {1});
            letter.headers()
                    .add(Headers.STAGE, "decode".getBytes(StandardCharsets.UTF_8))
                    .add(Headers.MESSAGE, "no image".getBytes(StandardCharsets.UTF_8));
            producer.send(letter).get();

            JsonNode view =
                    await(
                            board,
                            v ->
                                    !v.path("pairs").isEmpty()
                                            && v.path("dead_letters").path("count").asInt() == 1
                                            && records(v, topics.alarms()) == 2
                                            && v.path("alarms").findValue("picture") != null
                                            && !v.path("versions").isEmpty()
                                            && !v.path("learners").isEmpty()
                                            && records(v, topics.density()) == 2);
            assertThat(view.path("streams").path(0).path("name").asText()).isEqualTo("door");
            assertThat(view.path("streams").path(0).path("version").asText()).isEqualTo("0.1");
            assertThat(view.path("learners").path(0).path("update").asLong()).isEqualTo(4);
            assertThat(view.path("versions").path(0).path("version").asText()).isEqualTo("0.1");
            assertThat(view.path("alarms").path(0).path("message").asText())
                    .isEqualTo("energies rose");
            assertThat(view.path("dead_letters").path("last").path(0).path("message").asText())
                    .isEqualTo("no image");
            assertThat(view.path("topics").findValuesAsText("unreadable"))
                    .containsExactlyInAnyOrder("0", "1", "0", "0", "1", "0", "0", "0");
            // the input was read from where the record said that it lies
            assertThat(view.path("pairs").path(0).path("input").asBoolean()).isTrue();
            assertThat(get(board, "api/pairs/1/input.png").statusCode()).isEqualTo(200);
            assertThat(get(board, "api/examples/1/input.png").statusCode()).isEqualTo(200);

            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(board.address().resolve("api/orders"))
                                    .header("Authorization", "Bearer " + TOKEN)
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    "{\"order\": \"pin\", \"value\": \"0.1\","
                                                            + " \"reason\": \"odd\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            String id = JSON.readTree(answer.body()).path("id").asText();
            ControlCommand given =
                    WireFormat.CONTROL.decode(
                            TestTopics.await(broker.bootstrapServers(), topics.control(), 1)
                                    .get(0)
                                    .value());
            assertThat(given.getCommandId()).isEqualTo(id);
            assertThat(given.getKind()).isEqualTo(ControlKind.PIN);
            assertThat(given.getTargetVersion()).isEqualTo(Records.version(1));
            assertThat(given.getReason()).isEqualTo("odd");
            await(board, v -> v.path("orders").path(0).path("order").asText().equals("pin 0.1"));
            send(
                    producer,
                    topics.events(),
                    WireFormat.EVENT.encode(
                            Records.answer(id, ControlKind.PIN, ControlEventKind.DONE)));
            JsonNode pinned = await(board, v -> v.path("pinned").asText().equals("0.1"));
            assertThat(pinned.path("orders").size()).isEqualTo(1);
            assertThat(pinned.path("orders").path(0).path("answer").asText()).isEqualTo("done");

            // what is known stays when the broker goes away, and the end does not wait for it
            end(broker);
            JsonNode alone = await(board, v -> !v.path("problem").asText().isEmpty());
            assertThat(alone.path("problem").asText())
                    .contains("expected an answer of the broker at", "trying again");
            assertThat(alone.path("versions").size()).isEqualTo(1);
            long begun = System.nanoTime();
            end(board);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(END_AT_MOST);
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("ebm-board"));
        }
    }

    @Test
    void goesOnWhenTheBrokerComesBack(@TempDir Path folder) throws Exception {
        TopicNames topics = TopicNames.defaults();
        int[] ports = EmbeddedBroker.freePorts(2);
        String bootstrap;
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, ports[0], ports[1])) {
            bootstrap = broker.bootstrapServers();
            broker.createTopics(JobTopics.of(topics, 1, (short) 1));
            alarm(bootstrap, topics, "before");
        }
        try (Board board = Board.start(settings(bootstrap, topics))) {
            await(board, v -> !v.path("problem").asText().isEmpty());
            try (EmbeddedBroker broker = EmbeddedBroker.start(folder, ports[0], ports[1])) {
                assertThat(broker.bootstrapServers()).isEqualTo(bootstrap);
                await(board, v -> v.path("alarms").size() == 1);
            }
            await(board, v -> !v.path("problem").asText().isEmpty());
            try (EmbeddedBroker broker = EmbeddedBroker.start(folder, ports[0], ports[1])) {
                alarm(broker.bootstrapServers(), topics, "after");
                JsonNode view = await(board, v -> v.path("alarms").size() == 2);
                assertThat(view.path("alarms").path(0).path("stream").asText()).isEqualTo("after");
                // what was read before is not read again
                assertThat(records(view, topics.alarms())).isEqualTo(2);
                assertThat(view.path("problem").asText()).isEmpty();
            }
        }
    }

    private static void alarm(String bootstrap, TopicNames topics, String stream) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
            send(producer, topics.alarms(), WireFormat.ALARM.encode(Records.alarm(stream, "")));
        }
    }

    /** Ends one before its block does, which ends it once more. */
    private static void end(AutoCloseable one) throws Exception {
        one.close();
    }

    private static int records(JsonNode view, String topic) {
        for (JsonNode t : view.path("topics")) {
            if (t.path("name").asText().equals(topic)) {
                return t.path("records").asInt();
            }
        }
        return -1;
    }

    private static BoardSettings settings(String bootstrap, TopicNames topics) {
        Properties kafka = new Properties();
        kafka.setProperty("bootstrap.servers", bootstrap);
        return new BoardSettings(
                kafka,
                topics,
                "default",
                true,
                Duration.ofMinutes(10),
                BoardSettings.DEFAULT_HOST,
                0,
                Optional.of(TOKEN));
    }

    private JsonNode await(Board board, Predicate<JsonNode> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        JsonNode view;
        do {
            view = JSON.readTree(get(board, "api/state").body());
            if (condition.test(view)) {
                return view;
            }
            Thread.sleep(200);
        } while (System.nanoTime() < end);
        throw new AssertionError("not within " + PATIENCE + ": " + view);
    }

    private HttpResponse<String> get(Board board, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(board.address() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value)
            throws Exception {
        // a compacted topic takes no record without key
        producer.send(new ProducerRecord<>(topic, new byte[] {0}, value)).get();
    }
}
