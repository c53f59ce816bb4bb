package io.ebmstream.job.cli;

import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.kafka.ProducerDefaults;
import io.ebmstream.job.replay.CommittedTopic;
import io.ebmstream.schemas.Headers;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ebm dlq replay}. All that is sent is one transaction of a transactional id that belongs to
 * the dead letters' topic: a run that fails has sent nothing, and one that begins while another is
 * at it ends that one. What a run has sent is known by its header {@link Headers#REPLAYED}.
 */
@Command(
        name = "replay",
        description = {
            "Send dead letters' original bytes, keys and headers to the topic that they came from,"
                    + " all or none, each once however often this is run.",
            "One that failed again after it was sent stays where it is."
        })
final class DlqReplayCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DlqOptions letters;

    @Option(
            names = "--to",
            paramLabel = "TOPIC",
            showDefaultValue = Visibility.NEVER,
            description = "Topic to send them to, in place of the one that they came from.")
    private String to;

    @Option(names = "--again", description = "Those too that were sent before and failed again.")
    private boolean again;

    @Option(names = "--json", description = "One JSON object in place of the line.")
    private boolean json;

    private final Map<String, Set<String>> sentBefore = new HashMap<>();
    private long sent;
    private long known;
    private long failedAgain;
    private long withoutBytes;

    @Override
    public Integer call() throws InterruptedException {
        letters.check();
        Properties settings = letters.kafka();
        settings.setProperty("transactional.id", "ebm-dlq-replay-" + letters.topic());
        ProducerDefaults.fill(settings);
        // dead letters may be larger than Kafka's default of 1 MiB
        settings.putIfAbsent("max.request.size", String.valueOf(JobTopics.MAX_DEAD_LETTER_BYTES));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            // ends another run's transaction, so that what is read below is all there is
            producer.initTransactions();
            producer.beginTransaction();
            letters.forEach(record -> take(record, producer));
            producer.commitTransaction();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("sent", sent);
            result.put("sent_before", known);
            result.put("failed_again", failedAgain);
            result.put("without_bytes", withoutBytes);
            out.println(JsonText.of(result));
        } else {
            out.printf(
                    "%,d sent, %,d had been sent before, %,d had failed again, %,d whose bytes are"
                            + " not here%n",
                    sent, known, failedAgain, withoutBytes);
        }
        out.flush();
        return ExitCode.OK;
    }

    private void take(
            ConsumerRecord<byte[], byte[]> record, KafkaProducer<byte[], byte[]> producer) {
        String place = record.topic() + "/" + record.partition() + "/" + record.offset();
        String target = to == null ? DlqOptions.header(record, Headers.TOPIC) : to;
        if (target.isEmpty()) {
            throw new IllegalStateException(
                    "expected header "
                            + Headers.TOPIC
                            + " on "
                            + place
                            + ", found none; is it a topic of dead letters? --to gives a topic");
        }
        if (!DlqOptions.header(record, Headers.OMITTED_BYTES).isEmpty()) {
            withoutBytes++;
        } else if (!again && record.headers().lastHeader(Headers.REPLAYED) != null) {
            failedAgain++;
        } else if (sentBefore.computeIfAbsent(target, this::places).contains(place)) {
            known++;
        } else {
            producer.send(original(record, target, place));
            sent++;
        }
    }

    private ProducerRecord<byte[], byte[]> original(
            ConsumerRecord<byte[], byte[]> record, String target, String place) {
        String partition = DlqOptions.header(record, Headers.PARTITION);
        ProducerRecord<byte[], byte[]> original =
                new ProducerRecord<>(
                        target,
                        to == null && !partition.isEmpty() ? Integer.valueOf(partition) : null,
                        record.key(),
                        record.value());
        for (Header header : record.headers()) {
            if (!header.key().startsWith(Headers.PREFIX)
                    && !header.key().equals(Headers.REPLAYED)) {
                original.headers().add(header);
            }
        }
        original.headers().add(Headers.REPLAYED, place.getBytes(StandardCharsets.UTF_8));
        return original;
    }

    /** Places of dead letters that a topic has had before. */
    private Set<String> places(String topic) {
        Set<String> places = new HashSet<>();
        try (CommittedTopic sentTo = new CommittedTopic(letters.kafka(), topic)) {
            sentTo.forEach(
                    record -> {
                        String place = DlqOptions.header(record, Headers.REPLAYED);
                        if (!place.isEmpty()) {
                            places.add(place);
                        }
                        return true;
                    });
        }
        return places;
    }
}
