package io.ebmstream.job.broker;

import io.ebmstream.job.config.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the brokers allow transactions as long as the job's. Without, the first sink would
 * fail in a task, with Kafka's own words, minutes after the start.
 */
public final class TransactionCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionCheck.class);
    private static final String LIMIT = "transaction.max.timeout.ms";

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
                        TransactionCheck::smallestLimit);
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

    private static OptionalLong smallestLimit(Admin admin)
            throws ExecutionException, InterruptedException {
        var brokers =
                admin.describeCluster().nodes().get().stream()
                        .map(Node::idString)
                        .map(id -> new ConfigResource(ConfigResource.Type.BROKER, id))
                        .toList();
        Map<ConfigResource, Config> found;
        try {
            found = admin.describeConfigs(brokers).all().get();
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
        return found.values().stream()
                .flatMap(config -> Stream.ofNullable(config.get(LIMIT)))
                .flatMap(entry -> Optional.ofNullable(entry.value()).stream())
                .mapToLong(Long::parseLong)
                .min();
    }
}
