package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.snapshot.ModelSnapshot;
import io.ebmstream.job.snapshot.SnapshotPublisher;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Documented commands that talk to Kafka, as written but for the broker's address. */
@Timeout(240)
class DocumentedCommandsITCase {
    private static final String BOOTSTRAP = "--bootstrap";

    /** Versions that documents name. */
    private static final List<ModelVersion> VERSIONS =
            List.of(new ModelVersion(0, 3), new ModelVersion(0, 12));

    @TempDir Path dir;

    private static List<String> at(String broker, List<String> command) {
        List<String> words = new ArrayList<>(command);
        int given = words.indexOf(BOOTSTRAP);
        if (given < 0) {
            words.addAll(List.of(BOOTSTRAP, broker));
        } else {
            words.set(given + 1, broker);
        }
        return words;
    }

    private static void publish(String broker) {
        Properties kafka = new Properties();
        kafka.setProperty("bootstrap.servers", broker);
        ModelFile model = DocumentedFolder.model("light32", 2, new ImageShape(1, 16, 16), Map.of());
        for (ModelVersion version : VERSIONS) {
            SnapshotPublisher.publish(
                    kafka,
                    SnapshotTopics.DEFAULT,
                    ModelSnapshot.of(model, "default", version, null));
        }
    }

    @Test
    void commandsRunAsTheyAreWritten() throws Exception {
        List<DocumentedCommand> run =
                DocumentedCommandsTest.complete().stream()
                        .filter(DocumentedCommandsTest::needsBroker)
                        .toList();
        assertThat(run).hasSizeGreaterThan(10);
        Path folder = DocumentedFolder.make(dir.resolve("work"));
        List<Cli.Outcome> outcomes;
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            broker.createTopics(JobTopics.of(TopicNames.defaults(), 1, (short) 1));
            publish(broker.bootstrapServers());
            outcomes =
                    CommandRunner.run(
                            folder,
                            dir,
                            run.stream()
                                    .map(c -> at(broker.bootstrapServers(), c.words()))
                                    .toList());
        }
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < run.size(); i++) {
            if (!DocumentedCommandsTest.fine(run.get(i), outcomes.get(i))) {
                failed.add(run.get(i) + ": " + outcomes.get(i));
            }
        }
        assertThat(failed).isEmpty();
        assertThat(folder.resolve("samples.png")).isNotEmptyFile();
    }
}
