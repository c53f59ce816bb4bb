package io.ebmstream.job.config;

import io.ebmstream.schemas.Topics;
import java.io.Serializable;
import java.util.List;
import org.apache.kafka.common.internals.Topic;

/**
 * Names of the job's Kafka topics.
 *
 * @param images images in
 * @param purified purified images out
 * @param density density readings out
 * @param alarms drift alarms out
 * @param snapshots snapshot manifests out, compacted
 * @param snapshotChunks the manifests' chunks out
 * @param diagnostics one record for each update of a learner out
 * @param deadLetters inputs that could not be read, bytes untouched, out
 * @param control commands in
 * @param events answers to commands, and decisions about versions, out
 */
public record TopicNames(
        String images,
        String purified,
        String density,
        String alarms,
        String snapshots,
        String snapshotChunks,
        String diagnostics,
        String deadLetters,
        String control,
        String events)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if Kafka does not allow a name, or two are equal
     */
    public TopicNames {
        List<String> all =
                List.of(
                        images,
                        purified,
                        density,
                        alarms,
                        snapshots,
                        snapshotChunks,
                        diagnostics,
                        deadLetters,
                        control,
                        events);
        for (String name : all) {
            try {
                Topic.validate(name);
            } catch (org.apache.kafka.common.errors.InvalidTopicException e) {
                throw new IllegalArgumentException(
                        "expected a name that Kafka allows for a topic, found \""
                                + name
                                + "\": "
                                + e.getMessage(),
                        e);
            }
        }
        if (all.stream().distinct().count() != all.size()) {
            throw new IllegalArgumentException(
                    "expected a name of its own for every topic, found " + all);
        }
    }

    /** The names of the documentation. */
    public static TopicNames defaults() {
        return new TopicNames(
                Topics.IMAGES,
                Topics.PURIFIED,
                Topics.DENSITY,
                Topics.ALARMS,
                Topics.SNAPSHOTS,
                Topics.SNAPSHOT_CHUNKS,
                Topics.DIAGNOSTICS,
                Topics.IMAGES_DLQ,
                Topics.CONTROL,
                Topics.EVENTS);
    }

    /** All names, in the order of the components. */
    public List<String> all() {
        return List.of(
                images,
                purified,
                density,
                alarms,
                snapshots,
                snapshotChunks,
                diagnostics,
                deadLetters,
                control,
                events);
    }
}
