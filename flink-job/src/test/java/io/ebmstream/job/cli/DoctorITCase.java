package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.TopicNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ebm doctor} on this machine and a real broker. */
@Timeout(120)
class DoctorITCase {
    private static final int ATTEMPTS = 40;

    @TempDir Path dir;

    private static JsonNode checks(Cli.Outcome outcome, String level) throws Exception {
        JsonNode tree = new ObjectMapper().readTree(outcome.out());
        boolean failed = false;
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode check : tree.path("checks")) {
            failed |= check.path("level").asText().equals("fail");
            if (check.path("level").asText().equals(level)) {
                found.add(check);
            }
            assertThat(check.path("advice").asText().isEmpty())
                    .isEqualTo(check.path("level").asText().equals("ok"));
        }
        assertThat(outcome.exit()).isEqualTo(failed ? ExitCode.FAILED : ExitCode.OK);
        assertThat(tree.path("healthy").asBoolean()).isEqualTo(!failed);
        return new ObjectMapper().valueToTree(found);
    }

    @Test
    void looksAtTheMachineTheBrokerAndItsTopics() throws Exception {
        Cli.Outcome machine = Cli.run("doctor");
        assertThat(machine.out())
                .contains("java", "memory", "cpu", "gpu", "executor", "disk", "ports")
                .doesNotContain("broker");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            List<NewTopic> topics = JobTopics.of(TopicNames.defaults(), 4, (short) 1);
            broker.createTopics(topics.subList(0, topics.size() - 1));
            String bootstrap = "--bootstrap=" + broker.bootstrapServers();
            JsonNode failed = checks(Cli.run("doctor", bootstrap, "--json"), "fail");
            assertThat(failed.findValuesAsText("name"))
                    .contains("topic " + topics.get(topics.size() - 1).name());

            broker.createTopics(topics.subList(topics.size() - 1, topics.size()));
            // the broker hears of a topic and its settings a moment after the controller made it
            Cli.Outcome whole = Cli.run("doctor", bootstrap, "--json");
            for (int i = 0;
                    i < ATTEMPTS && checks(whole, "fail").toString().contains("topic");
                    i++) {
                Thread.sleep(250);
                whole = Cli.run("doctor", bootstrap, "--json");
            }
            assertThat(checks(whole, "fail").findValuesAsText("name"))
                    .as(whole.out())
                    .noneMatch(name -> name.startsWith("topic") || name.equals("broker"));
            assertThat(whole.out()).contains("version 4.", "message.max.bytes");

            Path file =
                    Files.writeString(
                            dir.resolve("job.yaml"),
                            "ebm:\n  kafka:\n    bootstrap: \""
                                    + broker.bootstrapServers()
                                    + "\"\n    transaction: { timeout: 1 h }\n"
                                    + "  topic: { images: other }\n");
            JsonNode job = checks(Cli.run("doctor", "--config=" + file, "--json"), "fail");
            assertThat(job.findValuesAsText("name"))
                    .contains("transaction.max.timeout.ms", "topic other");
        }
    }

    @Test
    void aBrokerThatIsNotThereIsAFailure() throws Exception {
        int port = EmbeddedBroker.freePorts(1)[0];
        // each asks for a while: all at once
        CompletableFuture<Cli.Outcome> doctor =
                CompletableFuture.supplyAsync(
                        () -> Cli.run("doctor", "--bootstrap=127.0.0.1:" + port, "--json"));
        Stream.of(
                        "dlq show",
                        "dlq replay",
                        "replay",
                        "watch purified",
                        "snapshots list",
                        "weights fetch --out=" + dir.resolve("model"))
                .parallel()
                .map(command -> (command + " --bootstrap=127.0.0.1:" + port).split(" "))
                .forEach(DoctorITCase::saysThatThereIsNoBroker);
        Cli.Outcome none = doctor.get();
        assertThat(none.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(checks(none, "fail").toString())
                .contains("expected a Kafka broker at 127.0.0.1:" + port);
    }

    private static void saysThatThereIsNoBroker(String... command) {
        Cli.Outcome outcome = Cli.run(command);
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.err())
                .contains("expected a Kafka broker at 127.0.0.1", "give its address (--bootstrap");
    }
}
