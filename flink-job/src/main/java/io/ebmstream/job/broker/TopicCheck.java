package io.ebmstream.job.broker;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Looks whether topics are there before something starts, and creates them on request. */
public final class TopicCheck {
    /** How long a broker may take to learn of a topic that another has created. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long PAUSE_MILLIS = 50;

    private TopicCheck() {}

    /**
     * Creates topics and waits until the broker that answers knows them. Kafka says that a topic is
     * created as soon as its controller has it.
     *
     * @throws ExecutionException with Kafka's exception, for example because one exists already
     */
    public static void create(Admin admin, Collection<NewTopic> topics)
            throws ExecutionException, InterruptedException {
        admin.createTopics(topics).all().get();
        describe(admin, topics.stream().map(NewTopic::name).toList());
    }

    /**
     * What Kafka says of topics; those that the answering broker does not know are waited for.
     *
     * @throws ExecutionException with {@link UnknownTopicOrPartitionException} if one is not there
     */
    static Map<String, TopicDescription> describe(Admin admin, Collection<String> topics)
            throws ExecutionException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                return admin.describeTopics(topics).allTopicNames().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw e;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /**
     * How many partitions a topic has.
     *
     * @param kafka settings of the admin client, {@code bootstrap.servers} among them
     * @throws IllegalStateException if there is no broker or no such topic
     */
    public static int partitions(Properties kafka, String topic) {
        try {
            return AdminQuestion.answer(
                    kafka, "the partitions of " + topic, admin -> partitions(admin, kafka, topic));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for partitions", e);
        }
    }

    private static int partitions(Admin admin, Properties kafka, String topic)
            throws ExecutionException, InterruptedException {
        try {
            return describe(admin, List.of(topic)).get(topic).partitions().size();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw missing(kafka, List.of(topic));
            }
            throw e;
        }
    }

    private static IllegalStateException missing(Properties kafka, List<String> topics) {
        return new IllegalStateException(
                "expected topics at "
                        + kafka.getProperty("bootstrap.servers")
                        + ", found these missing: "
                        + String.join(", ", topics)
                        + "; create them, or let 'ebm run --create-topics' do it");
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
                        throw missing(kafka, names);
                    }
                    create(admin, missing);
                    return names;
                });
    }
}
