package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.DeadLetterEncoder;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.kafka.KafkaRecordDeserializer;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.kafka.OutgoingRecordSerializer;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters as the job writes them, shown, saved and sent again. */
class DlqITCase {
    @TempDir Path folder;

    @Test
    void showsSavesAndSendsAgainEachOnce() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            broker.createTopics(JobTopics.of(TopicNames.defaults(), 2, (short) 1));
            String bootstrap = broker.bootstrapServers();
            try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
                send(producer, letter("decode", "java.io.IOException", "a", 0, 5));
                send(producer, letter("decode", "x.WireFormatException", "b", 1, 6));
                send(producer, letter("purify", "java.lang.IllegalStateException", "c", 1, 7));
                send(producer, letter("decode", "x.WireFormatException", null, 0, 8));
            }

            Cli.Outcome all = Cli.run("dlq", "show", "--bootstrap=" + bootstrap, "--out=" + folder);
            assertThat(all.exit()).as(all.err()).isZero();
            assertThat(all.out())
                    .contains("from ebm.images 1-6: 7 bytes, decode: x.WireFormatException: why b")
                    .contains("4 dead letters");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(DlqITCase::text))
                        .containsExactlyInAnyOrder("value a", "value b", "value c");
            }

            Cli.Outcome some =
                    Cli.run(
                            "dlq",
                            "show",
                            "--bootstrap=" + bootstrap,
                            "--class=WireFormatException",
                            "--stage=decode",
                            "--json");
            assertThat(some.out().lines()).hasSize(2);
            assertThat(some.out()).contains("\"__ebm.errors.message\":\"why b\"");

            Cli.Outcome first =
                    Cli.run("dlq", "replay", "--bootstrap=" + bootstrap, "--stage=decode");
            assertThat(first.exit()).as(first.err()).isZero();
            assertThat(first.out()).contains("3 sent, 0 had been sent before");
            Cli.Outcome second = Cli.run("dlq", "replay", "--bootstrap=" + bootstrap);
            assertThat(second.out()).contains("1 sent, 3 had been sent before");
            assertThat(Cli.run("dlq", "replay", "--bootstrap=" + bootstrap, "--json").out())
                    .contains("\"sent\" : 0", "\"sent_before\" : 4");

            List<ConsumerRecord<byte[], byte[]>> images = TestTopics.read(bootstrap, Topics.IMAGES);
            assertThat(images).hasSize(4);
            assertThat(images)
                    .allSatisfy(
                            record -> {
                                assertThat(record.headers().lastHeader(Headers.STAGE)).isNull();
                                assertThat(DlqOptions.header(record, "own")).isEqualTo("kept");
                            });
            assertThat(images.stream().filter(record -> record.value() != null))
                    .extracting(
                            record ->
                                    new String(record.value(), StandardCharsets.UTF_8)
                                            + " in "
                                            + record.partition())
                    .containsExactlyInAnyOrder("value a in 0", "value b in 1", "value c in 1");

            // what fails again stays
            try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
                ConsumerRecord<byte[], byte[]> again = images.get(0);
                send(
                        producer,
                        new DeadLetter(KafkaRecordDeserializer.of(again), "decode", "e", "again"));
            }
            Cli.Outcome third = Cli.run("dlq", "replay", "--bootstrap=" + bootstrap);
            assertThat(third.out()).contains("0 sent, 4 had been sent before, 1 had failed again");
            Cli.Outcome fourth = Cli.run("dlq", "replay", "--bootstrap=" + bootstrap, "--again");
            assertThat(fourth.out()).contains("1 sent, 4 had been sent before");
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DeadLetter letter(
            String stage, String error, String name, int partition, long offset) {
        return new DeadLetter(
                new KafkaRecord(
                        Topics.IMAGES,
                        partition,
                        offset,
                        1,
                        null,
                        name == null ? null : ("value " + name).getBytes(StandardCharsets.UTF_8),
                        new String[] {"own"},
                        new byte[][] {"kept".getBytes(StandardCharsets.UTF_8)}),
                stage,
                error,
                "why " + name);
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, DeadLetter letter) {
        OutgoingRecord record = new DeadLetterEncoder(Topics.IMAGES_DLQ).map(letter);
        producer.send(new OutgoingRecordSerializer().serialize(record, null, null));
    }
}
