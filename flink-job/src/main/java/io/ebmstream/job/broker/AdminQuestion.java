package io.ebmstream.job.broker;

import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Something asked of a Kafka cluster before anything starts, with the patience of a person.
 *
 * @param <T> the answer
 */
@FunctionalInterface
interface AdminQuestion<T> {
    /** Kafka's own patience is a minute, too long for a person. */
    String CONNECT_MILLIS = "10000";

    String RECONNECT_MILLIS = "3000";

    /** Asks. */
    T ask(Admin admin) throws ExecutionException, InterruptedException;

    /**
     * Connects, asks, and says clearly what went wrong.
     *
     * @param kafka settings of the admin client, {@code bootstrap.servers} among them
     * @param subject what the question is about, for messages: "the topics"
     * @throws IllegalStateException if there is no broker, or it refuses
     */
    static <T> T answer(Properties kafka, String subject, AdminQuestion<T> question)
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
            return question.ask(admin);
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
                    subject
                            + " at "
                            + brokers
                            + " could not be read or changed: "
                            + e.getCause().getMessage(),
                    e);
        }
    }
}
