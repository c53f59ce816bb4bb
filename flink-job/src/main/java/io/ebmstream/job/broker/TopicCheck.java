package io.ebmstream.job.broker;

import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TimeoutException;

/** Looks whether topics are there before something starts, and creates them on request. */
public final class TopicCheck {
    /** Kafka's own patience is a minute, too long for a person. */
    private static final String CONNECT_MILLIS = "10000";

    private static final String RECONNECT_MILLIS = "3000";

    private TopicCheck() {}

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
        Properties settings = new Properties();
        settings.putAll(kafka);
        settings.putIfAbsent("default.api.timeout.ms", CONNECT_MILLIS);
        settings.putIfAbsent("request.timeout.ms", CONNECT_MILLIS);
        // each attempt logs a line
        settings.putIfAbsent("reconnect.backoff.ms", RECONNECT_MILLIS);
        settings.putIfAbsent("reconnect.backoff.max.ms", RECONNECT_MILLIS);
        String brokers = settings.getProperty("bootstrap.servers");
        try (Admin admin = Admin.create(settings)) {
            Set<String> there = admin.listTopics().names().get();
            List<NewTopic> missing =
                    topics.stream().filter(t -> !there.contains(t.name())).toList();
            List<String> names = missing.stream().map(NewTopic::name).toList();
            if (!missing.isEmpty() && !create) {
                throw new IllegalStateException(
                        "expected topics at "
                                + brokers
                                + ", found these missing: "
                                + String.join(", ", names)
                                + "; create them, or let 'ebm run --create-topics' do it");
            }
            admin.createTopics(missing).all().get();
            return names;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new IllegalStateException(
                        "expected a Kafka broker at "
                                + brokers
                                + ", found no answer; give its address (--bootstrap, or -D"
                                + " ebm.kafka.bootstrap=..)",
                        e);
            }
            throw new IllegalStateException(
                    "the topics at "
                            + brokers
                            + " could not be read or created: "
                            + e.getCause().getMessage(),
                    e);
        }
    }
}
