package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.topology.EbmTopology;
import io.ebmstream.job.topology.FlinkDefaults;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job's outputs, computed again from the topics alone. */
class ReplayITCase {
    private static final int IMAGES = 120;

    /** Images sent at a time, and the versions that they drive. */
    private static final int EACH = 40;

    private static final int VERSIONS_EACH = 2;
    private static final int CLASSES = 3;

    @TempDir Path folder;

    @Test
    void everyCommittedOutputEqualsItsReplayAndATamperedOneDoesNot() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            broker.createTopics(JobTopics.of(TopicNames.defaults(), 2, (short) 1));
            String bootstrap = broker.bootstrapServers();
            List<ConsumerRecord<byte[], byte[]>> outputs = run(bootstrap);
            Set<ModelVersion> versions = new HashSet<>();
            for (ConsumerRecord<byte[], byte[]> record : outputs) {
                versions.add(WireFormat.PURIFIED.decode(record.value()).getModelVersion());
            }
            assertThat(versions)
                    .hasSizeGreaterThan(1)
                    .anyMatch(version -> version.getCounter() >= 2 * VERSIONS_EACH);

            Cli.Outcome all = replay(bootstrap);
            assertThat(all.exit()).as(all.err() + all.out()).isZero();
            assertThat(all.out())
                    .containsPattern("equal +" + IMAGES)
                    .containsPattern("different +0")
                    .containsPattern("not reproducible +0");

            ConsumerRecord<byte[], byte[]> first = outputs.get(0);
            Cli.Outcome one =
                    replay(
                            bootstrap,
                            "--json",
                            "--partition=" + first.partition(),
                            "--offset=" + first.offset());
            assertThat(one.exit()).isZero();
            assertThat(one.out().lines()).hasSize(1);
            assertThat(one.out()).contains("\"verdict\":\"equal\"");

            tamper(bootstrap, outputs);
            Cli.Outcome bad = replay(bootstrap);
            assertThat(bad.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(bad.out())
                    .containsPattern("equal +" + IMAGES)
                    .containsPattern("different +1")
                    .containsPattern("not reproducible +3")
                    .contains("1 of 256 differ, the first at 17")
                    .contains("version 7.9 is not retained")
                    .contains("riscv")
                    .contains("input is not retained");

            Cli.Outcome other = replay(bootstrap, "--limit=2", "-D", "ebm.purifier.step-size=0.03");
            assertThat(other.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(other.out())
                    .contains("the sampler's hash differs")
                    .containsPattern("not reproducible +2");
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> run(String bootstrap) throws Exception {
        Network network = ClassifierFile.network("wrn-10-1", TestModels.SHAPE, CLASSES, 1);
        new ClassifierFile(network, 1, Initializer.weights(network, 3), Map.of())
                .write(classifier());
        JobConfig config = JobConfig.of(settings(bootstrap));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, FlinkDefaults.of(config));
        EbmTopology.build(env, config);
        JobClient job = env.executeAsync("test");
        try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
            for (int i = 0; i < IMAGES; i++) {
                if (i % EACH == 0) {
                    producer.flush();
                    // images that come now are purified by what has been published by now
                    TestTopics.await(bootstrap, Topics.SNAPSHOTS, i / EACH * VERSIONS_EACH);
                }
                producer.send(new ProducerRecord<>(Topics.IMAGES, i % 2, null, image(i)));
            }
        }
        List<ConsumerRecord<byte[], byte[]>> outputs =
                TestTopics.await(bootstrap, Topics.PURIFIED, IMAGES);
        job.cancel().get(30, TimeUnit.SECONDS);
        return outputs;
    }

    private static byte[] image(int i) {
        return TestModels.imageRecord(i, "stream-" + i % 3);
    }

    private static void tamper(String bootstrap, List<ConsumerRecord<byte[], byte[]>> outputs)
            throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
            ConsumerRecord<byte[], byte[]> original = outputs.get(3);
            PurifiedImage image = WireFormat.PURIFIED.decode(original.value());
            image.getPixels().put(17, (byte) (image.getPixels().get(17) ^ 1));
            send(producer, original, image, device(original));
            image = WireFormat.PURIFIED.decode(original.value());
            send(producer, original, image, "riscv reference/float32");
            image.setModelVersion(new ModelVersion(7L, 9L));
            send(producer, original, image, device(original));
            image = WireFormat.PURIFIED.decode(original.value());
            image.setSourceOffset(1_000_000);
            send(producer, original, image, device(original));
        }
    }

    private static String device(ConsumerRecord<byte[], byte[]> record) {
        return new String(
                record.headers().lastHeader(Headers.DEVICE).value(), StandardCharsets.UTF_8);
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            ConsumerRecord<byte[], byte[]> original,
            PurifiedImage image,
            String device) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        Topics.PURIFIED, null, original.key(), WireFormat.PURIFIED.encode(image));
        record.headers().add(Headers.DEVICE, device.getBytes(StandardCharsets.UTF_8));
        producer.send(record);
    }

    private Cli.Outcome replay(String bootstrap, String... more) {
        List<String> arguments = new ArrayList<>(List.of("replay", "--bootstrap=" + bootstrap));
        settings(bootstrap)
                .forEach(
                        (key, value) -> {
                            if (!String.join(" ", more).contains(key)) {
                                arguments.addAll(List.of("-D", key + "=" + value));
                            }
                        });
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(new String[0]));
    }

    private Path classifier() {
        return folder.resolve("classifier.safetensors");
    }

    private Map<String, String> settings(String bootstrap) {
        Map<String, String> settings = new HashMap<>();
        settings.put("ebm.kafka.bootstrap", bootstrap);
        settings.put("ebm.compute.executor", "reference");
        settings.put("ebm.compute.precision", "float32");
        settings.put("ebm.checkpoint.interval", "300 ms");
        settings.put("ebm.checkpoint.dir", folder.resolve("checkpoints").toUri().toString());
        settings.put("ebm.classify.file", classifier().toString());
        settings.put("ebm.classify.replicates", "2");
        settings.put("ebm.image.channels", "1");
        settings.put("ebm.image.height", "16");
        settings.put("ebm.image.width", "16");
        settings.put("ebm.model.width", "2");
        settings.put("ebm.learner.batch", "4");
        settings.put("ebm.learner.steps", "2");
        settings.put("ebm.learner.warmup", "8");
        settings.put("ebm.learner.images-per-update", "8");
        settings.put("ebm.learner.replay", "64");
        settings.put("ebm.learner.bank", "32");
        settings.put("ebm.learner.publish-every", "2");
        settings.put("ebm.learner.queue", "8");
        settings.put("ebm.purifier.steps", "3");
        settings.put("ebm.purifier.early-stop.enabled", "true");
        settings.put("ebm.purifier.early-stop.first", "1");
        settings.put("ebm.purifier.early-stop.every", "1");
        settings.put("ebm.purifier.batch", "8");
        settings.put("ebm.purifier.queue", "16");
        settings.put("ebm.purifier.max-delay", "20 ms");
        settings.put("rest.port", "0");
        settings.put("taskmanager.numberOfTaskSlots", "1");
        settings.put("taskmanager.memory.managed.size", "64m");
        settings.put("taskmanager.memory.network.min", "32m");
        settings.put("taskmanager.memory.network.max", "32m");
        return settings;
    }
}
