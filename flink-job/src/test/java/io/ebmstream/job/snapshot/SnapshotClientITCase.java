package io.ebmstream.job.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** The snapshot client as others use it: its example, and a broker that comes and goes. */
@Timeout(180)
class SnapshotClientITCase {
    private static final String MODEL = "default";
    private static final NetworkSpec SPEC =
            new NetworkSpec("light32", 2, new ImageShape(1, 16, 16));

    @TempDir Path dir;

    private static void publish(EmbeddedBroker broker, long counter) {
        Properties kafka = new Properties();
        kafka.setProperty("bootstrap.servers", broker.bootstrapServers());
        ModelFile model =
                new ModelFile(
                        new ModelFile.Part(SPEC, Initializer.weights(SPEC.build(), counter)),
                        Map.of(),
                        new LangevinConfig(0.01, 1e-4, 0, 0),
                        20,
                        "",
                        new ModelVersion(0, counter),
                        counter,
                        Map.of());
        SnapshotPublisher.publish(
                kafka,
                SnapshotTopics.DEFAULT,
                ModelSnapshot.of(model, MODEL, model.version(), null));
    }

    private static void createTopics(EmbeddedBroker broker) {
        broker.createTopics(
                JobTopics.snapshots(
                        SnapshotTopics.DEFAULT.manifests(),
                        SnapshotTopics.DEFAULT.chunks(),
                        (short) 1));
    }

    /** The program of the README, with nothing but Avro and kafka-clients on its class path. */
    @Test
    void theExampleOfTheReadmeRuns() throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assumeThat(compiler).as("a JDK, for its compiler").isNotNull();
        Matcher block =
                Pattern.compile("(?s)```java\n(.*?)```")
                        .matcher(Files.readString(Path.of("../schemas/README.md")));
        assertThat(block.find()).isTrue();
        Path source = Files.writeString(dir.resolve("FollowModel.java"), block.group(1));
        String classPath = classPath();
        int compiled =
                compiler.run(
                        null,
                        null,
                        null,
                        "-Werror",
                        "-proc:none",
                        "-cp",
                        classPath,
                        "-d",
                        dir.toString(),
                        source.toString());
        assertThat(compiled).isZero();
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            createTopics(broker);
            publish(broker, 1);
            publish(broker, 2);
            Path out = dir.resolve("out.txt");
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    dir + File.pathSeparator + classPath,
                                    "FollowModel",
                                    broker.bootstrapServers(),
                                    MODEL,
                                    "2")
                            .redirectOutput(out.toFile())
                            .redirectError(dir.resolve("err.txt").toFile())
                            .start();
            try {
                assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.exitValue()).as(Files.readString(dir.resolve("err.txt"))).isZero();
            assertThat(Files.readAllLines(out)).containsExactly(line(1), line(2));
        }
    }

    private static String line(long counter) {
        return "version 0."
                + counter
                + ": conv0.weight [2, 1, 3, 3] begins with "
                + Initializer.weights(SPEC.build(), counter)[0];
    }

    /** This module's classes, Avro, kafka-clients, and what these two need themselves. */
    private static String classPath() {
        return Stream.of(
                        SnapshotReader.class,
                        Schema.class,
                        Consumer.class,
                        Logger.class,
                        com.fasterxml.jackson.core.JsonFactory.class,
                        com.fasterxml.jackson.databind.ObjectMapper.class,
                        com.fasterxml.jackson.annotation.JsonProperty.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void followGoesOnAfterTheBrokerWasAway() throws Exception {
        int[] ports = EmbeddedBroker.freePorts(2);
        Path records = dir.resolve("broker");
        List<Long> seen = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> first = new CompletableFuture<>();
        SnapshotReader reader;
        CompletableFuture<Void> following;
        try (EmbeddedBroker broker = EmbeddedBroker.start(records, ports[0], ports[1])) {
            createTopics(broker);
            publish(broker, 1);
            reader = SnapshotReader.open(broker.bootstrapServers(), MODEL);
            following =
                    CompletableFuture.runAsync(
                            () ->
                                    reader.follow(
                                            snapshot -> {
                                                seen.add(snapshot.version().getCounter());
                                                first.complete(null);
                                                return seen.size() < 2;
                                            }));
            first.get(60, TimeUnit.SECONDS);
        }
        try (reader;
                EmbeddedBroker again = EmbeddedBroker.start(records, ports[0], ports[1])) {
            publish(again, 2);
            following.get(90, TimeUnit.SECONDS);
        }
        assertThat(seen).containsExactly(1L, 2L);
    }
}
