package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
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
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Small jobs in lockstep, each with outputs of its own, over one input. */
final class LockstepJob {
    static final int PLACES = 160;
    static final int BAD_EVERY = 16;
    static final int BAD_PLACE = 5;
    static final int BAD = PLACES / BAD_EVERY;
    static final int GOOD = PLACES - BAD;
    static final int WARMUP = 8;
    static final int IMAGES_PER_UPDATE = 6;
    static final int PUBLISH_EVERY = 2;

    private LockstepJob() {}

    /** Starts a job whose executor may be made to fail ({@link FailingOnceExecutor}). */
    static JobClient start(Map<String, String> settings) throws Exception {
        JobConfig config = JobConfig.of(settings);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(
                        config.runtime().parallelism(), FlinkDefaults.of(config));
        EbmTopology.build(
                env,
                config,
                context ->
                        new Executors.Choice(
                                new FailingOnceExecutor(), Precision.FLOAT32, List.of()));
        return env.executeAsync("test");
    }

    /** The topics of a run; its images are those of all. */
    static List<NewTopic> topicsOf(String run, int partitions) {
        Map<String, String> settings = topics(run);
        settings.put("ebm.learner.shards", "2");
        return JobTopics.of(JobConfig.of(settings), partitions, (short) 1).stream()
                .filter(topic -> !topic.name().equals(Topics.IMAGES))
                .toList();
    }

    /** Every place from one up to another that lies in a partition. */
    static void feed(
            KafkaProducer<byte[], byte[]> producer,
            int from,
            int to,
            int partition,
            int partitions) {
        for (int i = from; i < to; i++) {
            if (i % partitions == partition) {
                producer.send(new ProducerRecord<>(Topics.IMAGES, partition, null, value(i)));
            }
        }
        producer.flush();
    }

    /** What a run has committed: records as their bytes by where their input lies or by version. */
    record Outputs(
            Map<String, ByteBuffer> purified,
            Map<String, ByteBuffer> deadLetters,
            Map<String, ByteBuffer> readings,
            Map<String, String> snapshots,
            Set<ModelVersion> versions) {}

    /**
     * Waits for all that a run gives.
     *
     * @param published versions that it publishes
     */
    static Outputs outputs(String bootstrap, String run, int published) throws Exception {
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
                TestTopics.await(bootstrap, run + ".snapshots", published)) {
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

    private static byte[] value(int i) {
        if (i % BAD_EVERY == BAD_PLACE) {
            return ("bad-" + i).getBytes(StandardCharsets.UTF_8);
        }
        return TestModels.imageRecord(i, "stream-" + i % 3);
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
        topics.put("ebm.topic.events", run + ".events");
        topics.put("ebm.topic.averages", run + ".averages");
        return topics;
    }

    /**
     * Settings of a run.
     *
     * @param folder where it keeps checkpoints
     */
    static Map<String, String> settings(
            String bootstrap, String run, int parallelism, Path folder) {
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
