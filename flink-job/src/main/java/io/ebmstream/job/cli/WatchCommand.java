package io.ebmstream.job.cli;

import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.schemas.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
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
        TopicCheck.ensure(kafka.properties(), List.of(new NewTopic(name, 1, (short) 1)), false);
        Properties settings = kafka.properties();
        settings.setProperty("isolation.level", "read_committed");
        settings.setProperty("enable.auto.commit", "false");
        PrintWriter out = spec.commandLine().getOut();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(name).stream()
                            .map(p -> new TopicPartition(name, p.partition()))
                            .toList();
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
                // whoever read it may have gone: watch .. | head
                if (out.checkError()) {
                    break;
                }
            }
        }
        return ExitCode.OK;
    }
}
