package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two jobs in lockstep over the same input: one at parallelism 2 that fails in the middle, while
 * the input comes, one partition before the other; one at parallelism 1 that finds it all there.
 */
class LockstepITCase {
    private static final int PLACES = 160;
    private static final int BAD_EVERY = 16;
    private static final int BAD = PLACES / BAD_EVERY;
    private static final int GOOD = PLACES - BAD;
    private static final int BURST = 40;
    private static final int WARMUP = 8;
    private static final int IMAGES_PER_UPDATE = 6;
    private static final int PUBLISH_EVERY = 2;
    private static final int VERSIONS = (1 + (GOOD - WARMUP) / IMAGES_PER_UPDATE) / PUBLISH_EVERY;

    @TempDir Path folder;

    @Test
    void outputsAndSnapshotsAreTheSameByteForByte() throws Exception {
        FailingOnceExecutor.FAILURES.set(0);
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            String bootstrap = broker.bootstrapServers();
            broker.createTopics(JobTopics.of(names("a"), 2, (short) 1));
            broker.createTopics(
                    JobTopics.of(names("b"), 2, (short) 1).stream()
                            .filter(topic -> !topic.name().equals(Topics.IMAGES))
                            .toList());

            JobClient first = start(bootstrap, "a", 2);
            try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
                for (int from = 0; from < PLACES; from += BURST) {
                    feed(producer, from, 1);
                    Thread.sleep(300);
                    feed(producer, from, 0);
                    if (from == BURST) {
                        TestTopics.await(bootstrap, "a.purified", 1);
                        FailingOnceExecutor.ARMED.set(true);
                    }
                }
            }
            Outputs interrupted = outputs(bootstrap, "a");
            first.cancel().get(30, TimeUnit.SECONDS);
            assertThat(FailingOnceExecutor.FAILURES).hasValue(1);

            JobClient second = start(bootstrap, "b", 1);
            Outputs whole = outputs(bootstrap, "b");
            second.cancel().get(30, TimeUnit.SECONDS);

            assertThat(whole.purified()).hasSize(GOOD);
            assertThat(whole.versions()).hasSizeGreaterThan(4);
            assertThat(interrupted.purified()).isEqualTo(whole.purified());
            assertThat(interrupted.deadLetters()).isEqualTo(whole.deadLetters());
            assertThat(interrupted.readings()).isEqualTo(whole.readings());
            assertThat(interrupted.snapshots()).isEqualTo(whole.snapshots());
            assertThat(whole.snapshots()).hasSize(VERSIONS);
        } finally {
            FailingOnceExecutor.ARMED.set(false);
            FailingOnceExecutor.FAILURES.set(0);
        }
    }

    /** What a run has committed: records as their bytes by where their input lies or by version. */
    private record Outputs(
            Map<String, ByteBuffer> purified,
            Map<String, ByteBuffer> deadLetters,
            Map<String, ByteBuffer> readings,
            Map<String, String> snapshots,
            Set<ModelVersion> versions) {}

    private static Outputs outputs(String bootstrap, String run) throws Exception {
        Map<String, ByteBuffer> purified = new TreeMap<>();
        Set<ModelVersion> versions = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.await(bootstrap, run + ".purified", GOOD)) {
            PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
            versions.add(image.getModelVersion());
            once(purified, image.getImageId(), record.value());
        }
        Map<String, ByteBuffer> letters = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.await(bootstrap, run + ".dlq", BAD)) {
            once(letters, new String(record.value(), StandardCharsets.UTF_8), record.value());
        }
        Map<String, ByteBuffer> readings = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.await(bootstrap, run + ".density", GOOD)) {
            once(readings, WireFormat.DENSITY.decode(record.value()).getImageId(), record.value());
        }
        Map<String, String> snapshots = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.await(bootstrap, run + ".snapshots", VERSIONS)) {
            SnapshotManifest manifest = WireFormat.SNAPSHOT_MANIFEST.decode(record.value());
            snapshots.put(
                    manifest.getVersion().toString(),
                    manifest.getSha256()
                            + " "
                            + manifest.getProvenance().getInputOffsets()
                            + " "
                            + manifest.getProvenance().getUpdateCount()
                            + " "
                            + manifest.getAnchorEnergies());
        }
        return new Outputs(purified, letters, readings, snapshots, versions);
    }

    private static void once(Map<String, ByteBuffer> all, String key, byte[] value) {
        assertThat(all.put(key, ByteBuffer.wrap(value))).as("%s twice", key).isNull();
    }

    private JobClient start(String bootstrap, String run, int parallelism) throws Exception {
        JobConfig config = JobConfig.of(settings(bootstrap, run, parallelism));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(
                        parallelism, FlinkDefaults.of(config));
        EbmTopology.build(
                env,
                config,
                context ->
                        new Executors.Choice(
                                new FailingOnceExecutor(), Precision.FLOAT32, List.of()));
        return env.executeAsync("test");
    }

    /** Every place of a burst that lies in a partition. */
    private static void feed(KafkaProducer<byte[], byte[]> producer, int from, int partition) {
        for (int i = from; i < from + BURST; i++) {
            if (i % 2 == partition) {
                producer.send(new ProducerRecord<>(Topics.IMAGES, partition, null, value(i)));
            }
        }
        producer.flush();
    }

    private static byte[] value(int i) {
        if (i % BAD_EVERY == 5) {
            return ("bad-" + i).getBytes(StandardCharsets.UTF_8);
        }
        return TestModels.imageRecord(i, "stream-" + i % 3);
    }

    private static TopicNames names(String run) {
        return JobConfig.of(topics(run)).topics();
    }

    private static Map<String, String> topics(String run) {
        Map<String, String> topics = new HashMap<>();
        topics.put("ebm.topic.purified", run + ".purified");
        topics.put("ebm.topic.density", run + ".density");
        topics.put("ebm.topic.alarms", run + ".alarms");
        topics.put("ebm.topic.snapshots", run + ".snapshots");
        topics.put("ebm.topic.snapshot-chunks", run + ".chunks");
        topics.put("ebm.topic.dead-letters", run + ".dlq");
        topics.put("ebm.topic.diagnostics", run + ".diagnostics");
        topics.put("ebm.topic.control", run + ".control");
        return topics;
    }

    private Map<String, String> settings(String bootstrap, String run, int parallelism) {
        Map<String, String> settings = topics(run);
        settings.put("ebm.kafka.bootstrap", bootstrap);
        settings.put("ebm.kafka.group", run);
        settings.put("ebm.kafka.transaction.prefix", run);
        settings.put("ebm.job.parallelism", String.valueOf(parallelism));
        settings.put("ebm.job.max-parallelism", "16");
        settings.put("ebm.checkpoint.interval", "400 ms");
        settings.put("ebm.checkpoint.dir", folder.resolve(run).toUri().toString());
        settings.put("ebm.image.channels", "1");
        settings.put("ebm.image.height", "16");
        settings.put("ebm.image.width", "16");
        settings.put("ebm.model.width", "2");
        settings.put("ebm.compute.slice", "5 ms");
        settings.put("ebm.learner.batch", "4");
        settings.put("ebm.learner.steps", "2");
        settings.put("ebm.learner.warmup", String.valueOf(WARMUP));
        settings.put("ebm.learner.images-per-update", String.valueOf(IMAGES_PER_UPDATE));
        settings.put("ebm.learner.replay", "64");
        settings.put("ebm.learner.bank", "32");
        settings.put("ebm.learner.publish-every", String.valueOf(PUBLISH_EVERY));
        settings.put("ebm.learner.queue", "8");
        settings.put("ebm.purifier.consistency", "lockstep");
        settings.put("ebm.purifier.lockstep-ahead", "100");
        settings.put("ebm.purifier.steps", "3");
        settings.put("ebm.purifier.batch", "4");
        settings.put("ebm.purifier.queue", "8");
        settings.put("ebm.purifier.max-delay", "20 ms");
        settings.put("restart-strategy.type", "fixed-delay");
        settings.put("restart-strategy.fixed-delay.attempts", "3");
        settings.put("restart-strategy.fixed-delay.delay", "100 ms");
        settings.put("rest.port", "0");
        settings.put("taskmanager.numberOfTaskSlots", String.valueOf(parallelism));
        settings.put("taskmanager.memory.managed.size", "64m");
        settings.put("taskmanager.memory.network.min", "32m");
        settings.put("taskmanager.memory.network.max", "32m");
        return settings;
    }
}
