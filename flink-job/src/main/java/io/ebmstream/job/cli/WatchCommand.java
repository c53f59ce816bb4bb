package io.ebmstream.job.cli;

import io.ebmstream.schemas.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm watch}: what the job writes, as it comes. */
@Command(
        name = "watch",
        description = "Show what the job writes to one of its topics, until Ctrl-C.")
final class WatchCommand implements Callable<Integer> {
    /** Kafka's own patience is a minute, too long for a person. */
    private static final String CONNECT_MILLIS = "10000";

    @Spec private CommandSpec spec;
    @Mixin private KafkaOptions kafka;

    @Parameters(paramLabel = "WHAT", description = "One of ${COMPLETION-CANDIDATES}.")
    private WatchKind kind;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description =
                    "Topic to read, where it isn't the usual one (" + Topics.PURIFIED + " ..).")
    private String topic;

    @Option(names = "--from-beginning", description = "Show what is there already.")
    private boolean fromBeginning;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after so many records; 0 is never.")
    private long limit;

    @Option(names = "--json", description = "One JSON object a line; bytes as base64.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 0) {
            throw new UsageException("expected --limit of at least 0, found " + limit);
        }
        String name = topic == null ? kind.topic() : topic;
        List<TopicPartition> partitions = partitions(name);
        Properties settings = kafka.properties();
        settings.setProperty("isolation.level", "read_committed");
        settings.setProperty("enable.auto.commit", "false");
        PrintWriter out = spec.commandLine().getOut();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
                // the place is taken now, not at the first poll
                partitions.forEach(consumer::position);
            }
            long seen = 0;
            while (limit == 0 || seen < limit) {
                for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(250))) {
                    out.println(json ? kind.json(r) : kind.line(r));
                    if (++seen == limit) {
                        break;
                    }
                }
                out.flush();
            }
        }
        return ExitCode.OK;
    }

    /** Partitions of the topic; fails fast where there is no broker or no topic. */
    private List<TopicPartition> partitions(String name) throws InterruptedException {
        Properties settings = kafka.properties();
        settings.putIfAbsent("default.api.timeout.ms", CONNECT_MILLIS);
        settings.putIfAbsent("request.timeout.ms", CONNECT_MILLIS);
        try (Admin admin = Admin.create(settings)) {
            return admin
                    .describeTopics(List.of(name))
                    .allTopicNames()
                    .get()
                    .get(name)
                    .partitions()
                    .stream()
                    .map(p -> new TopicPartition(name, p.partition()))
                    .toList();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new IllegalStateException(
                        "expected a Kafka broker at "
                                + kafka.bootstrap()
                                + ", found no answer; give its address with --bootstrap",
                        e);
            }
            throw new IllegalStateException(
                    "cannot read topic " + name + ": " + e.getCause().getMessage(), e);
        }
    }
}
