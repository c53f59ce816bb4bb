package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether Strimzi makes the topics that {@code ./ebm run --create-topics} would. */
class TopicsTest {
    /** What is up to a cluster's owner. */
    private static final Set<String> OWN = Set.of("min.insync.replicas", "retention.ms");

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void topicsAreThoseOfTheJob(String overlay) {
        Manifests manifests = Manifests.overlay(overlay);
        JobConfig job = Manifests.job(overlay);
        Map<String, JsonNode> topics = topics(manifests);
        int partitions = topics.get(job.topics().images()).at("/spec/partitions").asInt();
        short replicas = (short) (overlay.equals("dev") ? 1 : 3);
        Map<String, NewTopic> expected =
                JobTopics.of(job, partitions, replicas).stream()
                        .collect(Collectors.toMap(NewTopic::name, Function.identity()));

        assertThat(topics.keySet()).isEqualTo(new TreeMap<>(expected).keySet());
        expected.forEach(
                (name, topic) -> {
                    JsonNode spec = topics.get(name).path("spec");
                    assertThat(spec.path("partitions").asInt())
                            .as(name)
                            .isEqualTo(topic.numPartitions());
                    assertThat((short) spec.path("replicas").asInt())
                            .as(name)
                            .isEqualTo(topic.replicationFactor());
                    Map<String, String> config = new TreeMap<>();
                    spec.path("config")
                            .properties()
                            .forEach(e -> config.put(e.getKey(), e.getValue().asText()));
                    OWN.forEach(config::remove);
                    assertThat(config).as(name).isEqualTo(new TreeMap<>(topic.configs()));
                });
        assertThat(partitions)
                .as("a partition for every subtask and shard")
                .isGreaterThanOrEqualTo(job.runtime().parallelism())
                .isGreaterThanOrEqualTo(job.learner().shards().count());
    }

    @Test
    void compactedTopicsKeepWhatTheyHave() {
        topics(Manifests.overlay("cpu"))
                .values()
                .forEach(
                        topic -> {
                            JsonNode config = topic.at("/spec/config");
                            assertThat(config.has("retention.ms"))
                                    .as(Manifests.name(topic))
                                    .isNotEqualTo(
                                            config.path("cleanup.policy")
                                                    .asText()
                                                    .equals("compact"));
                        });
    }

    @Test
    void theJobMayReadAndWriteWhatItMust() {
        JobConfig job = Manifests.job("cpu");
        TopicNames names = job.topics();
        Set<String> read = new HashSet<>();
        Set<String> write = new HashSet<>();
        Set<String> prefixes = new HashSet<>();
        Manifests.elements(
                        Manifests.overlay("cpu")
                                .get("KafkaUser", "ebm-stream")
                                .at("/spec/authorization/acls"))
                .forEach(
                        acl -> {
                            String type = acl.at("/resource/type").asText();
                            String name = acl.at("/resource/name").asText();
                            String operations = acl.path("operations").toString();
                            if (type.equals("topic") && operations.contains("\"Read\"")) {
                                read.add(name);
                            }
                            if (type.equals("topic") && operations.contains("\"Write\"")) {
                                write.add(name);
                            }
                            if (acl.at("/resource/patternType").asText().equals("prefix")) {
                                prefixes.add(type + ":" + name);
                            }
                        });
        assertThat(read).containsExactlyInAnyOrder(names.images(), names.control());
        Set<String> outputs = new HashSet<>(names.all());
        outputs.removeAll(List.of(names.images(), names.control()));
        assertThat(write).isEqualTo(outputs);
        assertThat(names.all()).allMatch(name -> name.startsWith("ebm."));
        assertThat(prefixes)
                .contains(
                        "topic:ebm.",
                        "group:" + job.kafka().group(),
                        "transactionalId:" + job.kafka().transactionPrefix());
    }

    private static Map<String, JsonNode> topics(Manifests manifests) {
        Map<String, JsonNode> topics = new TreeMap<>();
        manifests.of("KafkaTopic").forEach(topic -> topics.put(Manifests.name(topic), topic));
        return topics;
    }
}
