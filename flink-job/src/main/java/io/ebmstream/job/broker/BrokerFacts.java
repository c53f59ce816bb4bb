package io.ebmstream.job.broker;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * What a Kafka cluster says of itself, as far as a job depends on it.
 *
 * @param brokers number of brokers
 * @param version version of the cluster's metadata, which follows that of its brokers; "" if it
 *     does not say
 * @param messageMaxBytes smallest {@code message.max.bytes} among the brokers
 * @param transactionMaxMillis smallest {@code transaction.max.timeout.ms} among the brokers
 * @param topics those asked for that are there
 */
public record BrokerFacts(
        int brokers,
        String version,
        OptionalLong messageMaxBytes,
        OptionalLong transactionMaxMillis,
        Map<String, TopicFacts> topics) {
    private static final String METADATA = "metadata.version";

    public BrokerFacts {
        topics = Map.copyOf(topics);
    }

    /**
     * A topic.
     *
     * @param partitions number of partitions
     * @param replication copies of the first partition
     * @param cleanup its {@code cleanup.policy}
     * @param maxMessageBytes its {@code max.message.bytes}
     */
    public record TopicFacts(
            int partitions, int replication, String cleanup, long maxMessageBytes) {}

    /**
     * Asks; waits up to 10 s for an answer.
     *
     * @param kafka settings of the admin client, {@code bootstrap.servers} among them
     * @param topics names of the topics of interest
     * @throws IllegalStateException if there is no broker, or it refuses
     */
    public static BrokerFacts ask(Properties kafka, Collection<String> topics)
            throws InterruptedException {
        return AdminQuestion.answer(
                kafka,
                "the cluster",
                admin ->
                        new BrokerFacts(
                                admin.describeCluster().nodes().get().size(),
                                version(admin),
                                smallest(admin, "message.max.bytes"),
                                smallest(admin, TransactionCheck.LIMIT),
                                topics(admin, topics)));
    }

    private static String version(Admin admin) throws ExecutionException, InterruptedException {
        FinalizedVersionRange found =
                admin.describeFeatures().featureMetadata().get().finalizedFeatures().get(METADATA);
        if (found == null) {
            return "";
        }
        try {
            return MetadataVersion.fromFeatureLevel(found.maxVersionLevel()).version();
        } catch (IllegalArgumentException e) {
            return "newer than " + MetadataVersion.latestProduction().version();
        }
    }

    /** The smallest value of a number among the brokers; empty if none has it. */
    static OptionalLong smallest(Admin admin, String key)
            throws ExecutionException, InterruptedException {
        List<ConfigResource> brokers =
                admin.describeCluster().nodes().get().stream()
                        .map(Node::idString)
                        .map(id -> new ConfigResource(ConfigResource.Type.BROKER, id))
                        .toList();
        return admin.describeConfigs(brokers).all().get().values().stream()
                .flatMap(config -> Stream.ofNullable(config.get(key)))
                .flatMap(entry -> Stream.ofNullable(entry.value()))
                .mapToLong(Long::parseLong)
                .min();
    }

    private static Map<String, TopicFacts> topics(Admin admin, Collection<String> names)
            throws ExecutionException, InterruptedException {
        Set<String> there = admin.listTopics().names().get();
        List<String> wanted = names.stream().filter(there::contains).distinct().toList();
        Map<String, TopicDescription> described = TopicCheck.describe(admin, wanted);
        Map<ConfigResource, Config> configs =
                admin.describeConfigs(
                                wanted.stream()
                                        .map(
                                                name ->
                                                        new ConfigResource(
                                                                ConfigResource.Type.TOPIC, name))
                                        .toList())
                        .all()
                        .get();
        Map<String, TopicFacts> facts = new HashMap<>();
        configs.forEach(
                (resource, config) -> {
                    TopicDescription topic = described.get(resource.name());
                    facts.put(
                            resource.name(),
                            new TopicFacts(
                                    topic.partitions().size(),
                                    topic.partitions().get(0).replicas().size(),
                                    config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value(),
                                    Long.parseLong(
                                            config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                                                    .value())));
                });
        return facts;
    }
}
