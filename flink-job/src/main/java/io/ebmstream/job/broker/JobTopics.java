package io.ebmstream.job.broker;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** The job's topics as Kafka's admin client creates them. */
public final class JobTopics {
    /** Largest record, bytes: an image of 1 MB or a snapshot chunk of 900 KiB with its envelope. */
    public static final int MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

    /** Largest dead letter: the largest record and room for the headers that say why. */
    public static final int MAX_DEAD_LETTER_BYTES = MAX_MESSAGE_BYTES + 64 * 1024;

    private static final Duration AVERAGES_RETENTION = Duration.ofHours(1);

    private JobTopics() {}

    /**
     * All topics of a job: those of {@link TopicNames}, and the one of averages where there are
     * several shards.
     */
    public static List<NewTopic> of(JobConfig config, int partitions, short replication) {
        List<NewTopic> topics = new ArrayList<>(of(config.topics(), partitions, replication));
        if (config.learner().shards().several()) {
            topics.add(averages(config.learner().shards().topic(), replication));
        }
        return topics;
    }

    /**
     * The topic that averages take back to the shards: one partition, since a record's order
     * matters. Averages are read as they come and sent again after a failure: an hour is long.
     */
    public static NewTopic averages(String name, short replication) {
        return new NewTopic(name, 1, replication)
                .configs(
                        Map.of(
                                TopicConfig.CLEANUP_POLICY_CONFIG,
                                TopicConfig.CLEANUP_POLICY_DELETE,
                                TopicConfig.RETENTION_MS_CONFIG,
                                String.valueOf(AVERAGES_RETENTION.toMillis()),
                                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                String.valueOf(MAX_MESSAGE_BYTES)));
    }

    /**
     * All topics of {@link TopicNames}. Images and what follows from single images have {@code
     * partitions} partitions; alarms, diagnostics, control, events and snapshots have one, because
     * their order matters. Snapshots are compacted, chunks too: they have a key for every version,
     * so that a model that learns no more keeps its last one however long ago that was.
     *
     * @param partitions partitions of the image topics, at least 1
     * @param replication replication factor, at least 1
     */
    public static List<NewTopic> of(TopicNames names, int partitions, short replication) {
        Map<String, String> plain =
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        String.valueOf(MAX_MESSAGE_BYTES));
        Map<String, String> deadLetters = new HashMap<>(plain);
        deadLetters.put(
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(MAX_DEAD_LETTER_BYTES));
        List<NewTopic> topics = new ArrayList<>();
        for (String name : List.of(names.images(), names.purified(), names.density())) {
            topics.add(new NewTopic(name, partitions, replication).configs(plain));
        }
        topics.add(new NewTopic(names.deadLetters(), partitions, replication).configs(deadLetters));
        for (String name :
                List.of(names.alarms(), names.diagnostics(), names.control(), names.events())) {
            topics.add(new NewTopic(name, 1, replication).configs(plain));
        }
        topics.addAll(snapshots(names.snapshots(), names.snapshotChunks(), replication));
        return topics;
    }

    /** The two topics of snapshots, compacted, of one partition each. */
    public static List<NewTopic> snapshots(String manifests, String chunks, short replication) {
        Map<String, String> compacted =
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        String.valueOf(MAX_MESSAGE_BYTES));
        return List.of(
                new NewTopic(manifests, 1, replication).configs(compacted),
                new NewTopic(chunks, 1, replication).configs(compacted));
    }
}
