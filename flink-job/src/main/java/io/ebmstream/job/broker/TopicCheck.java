package io.ebmstream.job.broker;

import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.NewTopic;

/** Looks whether topics are there before something starts, and creates them on request. */
public final class TopicCheck {
    private TopicCheck() {}

    /**
     * How many partitions a topic has.
     *
     * @param kafka settings of the admin client, {@code bootstrap.servers} among them
     * @throws IllegalStateException if there is no broker or no such topic
     */
    public static int partitions(Properties kafka, String topic) {
        try {
            return AdminQuestion.answer(
                    kafka,
                    "the partitions of " + topic,
                    admin ->
                            admin.describeTopics(List.of(topic))
                                    .allTopicNames()
                                    .get()
                                    .get(topic)
                                    .partitions()
                                    .size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for partitions", e);
        }
    }

    /**
     * Makes sure that every topic exists.
     *
     * @param kafka settings of the admin client, {@code bootstrap.servers} among them
     * @param topics the topics as they would be created
     * @param create whether to create those that are missing
     * @return names of the topics that were created
     * @throws IllegalStateException if there is no broker, a topic is missing and not to be
     *     created, or creating fails
     */
    public static List<String> ensure(Properties kafka, Collection<NewTopic> topics, boolean create)
            throws InterruptedException {
        return AdminQuestion.answer(
                kafka,
                "the topics",
                admin -> {
                    Set<String> there = admin.listTopics().names().get();
                    List<NewTopic> missing =
                            topics.stream().filter(t -> !there.contains(t.name())).toList();
                    List<String> names = missing.stream().map(NewTopic::name).toList();
                    if (!missing.isEmpty() && !create) {
                        throw new IllegalStateException(
                                "expected topics at "
                                        + kafka.getProperty("bootstrap.servers")
                                        + ", found these missing: "
                                        + String.join(", ", names)
                                        + "; create them, or let 'ebm run --create-topics' do it");
                    }
                    admin.createTopics(missing).all().get();
                    return names;
                });
    }
}
