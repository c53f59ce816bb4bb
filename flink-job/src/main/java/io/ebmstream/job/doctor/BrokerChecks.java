package io.ebmstream.job.doctor;

import io.ebmstream.job.broker.BrokerFacts;
import io.ebmstream.job.broker.BrokerFacts.TopicFacts;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** A Kafka cluster and its topics against a job's configuration. Stateless, thread-safe. */
final class BrokerChecks {
    /** Copies that lose nothing when one broker is lost. */
    private static final int SAFE_COPIES = 3;

    private static final String CREATE =
            "create it, or let './ebm run --create-topics' do it (one copy, for trying out)";

    private BrokerChecks() {}

    /** Asks the cluster of a configuration. */
    static List<Finding> all(JobConfig config) throws InterruptedException {
        Properties kafka = config.kafka().properties();
        List<NewTopic> wanted = JobTopics.of(config, config.runtime().parallelism(), (short) 1);
        BrokerFacts facts;
        try {
            facts = BrokerFacts.ask(kafka, wanted.stream().map(NewTopic::name).toList());
        } catch (IllegalStateException e) {
            return List.of(
                    Finding.fail(
                            "broker",
                            e.getMessage(),
                            "start Kafka, or correct the address and the client's security"
                                    + " settings"));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(
                Finding.ok(
                        "broker",
                        String.format(
                                Locale.ROOT,
                                "%d at %s, version %s",
                                facts.brokers(),
                                config.kafka().bootstrap(),
                                facts.version().isEmpty() ? "unknown" : facts.version())));
        findings.add(messages(facts));
        findings.add(transactions(facts, config));
        Set<String> ordered = ordered(config);
        for (NewTopic topic : wanted) {
            findings.add(
                    topic(
                            topic,
                            ordered.contains(topic.name()),
                            facts.topics().get(topic.name()),
                            facts.brokers()));
        }
        return findings;
    }

    /** Names of topics that have one partition whatever the parallelism. */
    private static Set<String> ordered(JobConfig config) {
        return JobTopics.of(config, 2, (short) 1).stream()
                .filter(topic -> topic.numPartitions() == 1)
                .map(NewTopic::name)
                .collect(Collectors.toSet());
    }

    /** The topics' own limits count; the brokers' is what a topic without one has. */
    static Finding messages(BrokerFacts facts) {
        if (facts.messageMaxBytes().isEmpty()) {
            return Finding.warn(
                    "message.max.bytes",
                    "unknown",
                    "let this user describe the brokers' configuration, or ask who runs Kafka");
        }
        return Finding.ok(
                "message.max.bytes",
                facts.messageMaxBytes().getAsLong() + " unless a topic says otherwise");
    }

    static Finding transactions(BrokerFacts facts, JobConfig config) {
        String name = "transaction.max.timeout.ms";
        if (config.kafka().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
            return Finding.ok(name, "not needed: the job writes without transactions");
        }
        if (facts.transactionMaxMillis().isEmpty()) {
            return Finding.warn(
                    name,
                    "unknown",
                    "let this user describe the brokers' configuration, or ask who runs Kafka");
        }
        long limit = facts.transactionMaxMillis().getAsLong();
        long wanted = config.kafka().transactionTimeout().toMillis();
        String found = limit + "; the job's transactions may take " + wanted;
        return wanted > limit
                ? Finding.fail(
                        name, found, "shorten ebm.kafka.transaction.timeout, or raise the limit")
                : Finding.ok(name, found);
    }

    /**
     * @param wanted as the job would create it
     * @param ordered whether the order of its records matters, so that it may have 1 partition only
     * @param facts as it is, or null
     */
    static Finding topic(NewTopic wanted, boolean ordered, TopicFacts facts, int brokers) {
        String name = "topic " + wanted.name();
        if (facts == null) {
            return Finding.fail(name, "missing", CREATE);
        }
        String found =
                String.format(
                        Locale.ROOT,
                        "%d partitions, %d copies, %s, records up to %d bytes",
                        facts.partitions(),
                        facts.replication(),
                        facts.cleanup(),
                        facts.maxMessageBytes());
        String cleanup = wanted.configs().get(TopicConfig.CLEANUP_POLICY_CONFIG);
        if (!facts.cleanup().equals(cleanup)) {
            return Finding.fail(
                    name,
                    found,
                    "set cleanup.policy="
                            + cleanup
                            + (cleanup.equals(TopicConfig.CLEANUP_POLICY_COMPACT)
                                    ? ": the last version must not run out of time"
                                    : ": records of the same key must all stay"));
        }
        long bytes = Long.parseLong(wanted.configs().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
        if (facts.maxMessageBytes() < bytes) {
            return Finding.fail(name, found, "set max.message.bytes=" + bytes);
        }
        if (ordered && facts.partitions() > 1) {
            return Finding.fail(
                    name,
                    found,
                    "create it anew with 1 partition: the order of its records matters");
        }
        if (facts.partitions() < wanted.numPartitions()) {
            return Finding.warn(
                    name,
                    found,
                    "give it "
                            + wanted.numPartitions()
                            + " partitions, as many as ebm.job.parallelism: tasks idle otherwise");
        }
        return brokers >= SAFE_COPIES && facts.replication() < SAFE_COPIES
                ? Finding.warn(
                        name, found, "give it 3 copies: a broker that is lost takes data with it")
                : Finding.ok(name, found);
    }
}
