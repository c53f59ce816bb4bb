package io.ebmstream.job.cli;

import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.replay.CommittedTopic;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which dead letters a command takes. */
final class DlqOptions {
    @Mixin private KafkaOptions kafka;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = Topics.IMAGES_DLQ,
            description = "Topic of dead letters.")
    private String topic;

    @Option(
            names = "--stage",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            description = "Only those that this step refused, for example decode.")
    private String stage;

    @Option(
            names = "--class",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            description = "Only those with this error class, in full or its end.")
    private String errorClass;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after so many; 0 is never.")
    private long limit;

    Properties kafka() {
        return kafka.properties();
    }

    String topic() {
        return topic;
    }

    /**
     * Looks whether there is something to read, which takes less patience than reading.
     *
     * @throws UsageException if an option cannot be
     * @throws IllegalStateException if there is no broker, or no such topic
     */
    void check() throws InterruptedException {
        if (limit < 0) {
            throw new UsageException("--limit: expected at least 0, found " + limit);
        }
        TopicCheck.ensure(kafka(), List.of(new NewTopic(topic, 1, (short) 1)), false);
    }

    /** Hands every committed dead letter over that meets the options; tells how many. */
    long forEach(Consumer<ConsumerRecord<byte[], byte[]>> each) {
        long[] taken = {0};
        try (CommittedTopic letters = new CommittedTopic(kafka(), topic)) {
            letters.forEach(
                    record -> {
                        if (meets(record)) {
                            each.accept(record);
                            taken[0]++;
                        }
                        return limit == 0 || taken[0] < limit;
                    });
        }
        return taken[0];
    }

    private boolean meets(ConsumerRecord<byte[], byte[]> record) {
        return (stage == null || stage.equals(header(record, Headers.STAGE)))
                && (errorClass == null
                        || header(record, Headers.CLASS).equals(errorClass)
                        || header(record, Headers.CLASS).endsWith("." + errorClass));
    }

    /** A header's text; empty where there is none. */
    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
