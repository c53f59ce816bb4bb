package io.ebmstream.job.broker;

import io.ebmstream.job.config.KafkaSettings;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the brokers allow transactions as long as the job's. Without, the first sink would
 * fail in a task, with Kafka's own words, minutes after the start.
 */
public final class TransactionCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionCheck.class);
    static final String LIMIT = "transaction.max.timeout.ms";

    private TransactionCheck() {}

    /**
     * Compares the configured transaction timeout with the smallest limit among the brokers.
     * Without transactions there is nothing to compare; without the right to read the brokers'
     * configuration a warning is logged.
     *
     * @throws IllegalStateException if there is no broker, or the timeout is too long for one
     */
    public static void ensure(KafkaSettings kafka) throws InterruptedException {
        if (kafka.guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
            return;
        }
        OptionalLong limit =
                AdminQuestion.answer(
                        kafka.properties(),
                        "the brokers' configuration",
                        TransactionCheck::allowed);
        Duration timeout = kafka.transactionTimeout();
        if (limit.isPresent() && timeout.toMillis() > limit.getAsLong()) {
            throw new IllegalStateException(
                    "ebm.kafka.transaction.timeout: expected at most "
                            + LIMIT
                            + " of the brokers, "
                            + limit.getAsLong()
                            + " ms, found "
                            + timeout.toMillis()
                            + " ms; shorten it, or raise the brokers' limit");
        }
    }

    private static OptionalLong allowed(Admin admin)
            throws ExecutionException, InterruptedException {
        try {
            return BrokerFacts.smallest(admin, LIMIT);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                LOG.warn(
                        "The brokers' {} could not be compared with ebm.kafka.transaction.timeout:"
                                + " {}",
                        LIMIT,
                        e.getCause().getMessage());
                return OptionalLong.empty();
            }
            throw e;
        }
    }
}
