package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.decode.FuzzedRecords;
import io.ebmstream.job.decode.FuzzedRecords.Kind;
import io.ebmstream.ops.bench.ResidentMemory;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A feed of whole, broken and damaged records through a broker and a whole job: as many dead
 * letters as bad records, none of the good ones lost, none of either twice, and no memory kept.
 */
class FuzzITCase {
    /** More with {@code -Debm.fuzz.records=100000}, which takes some minutes. */
    private static final int RECORDS = Integer.getInteger("ebm.fuzz.records", 3_000);

    /** Collected garbage, class loading and Kafka's buffers move the heap by about half of it. */
    private static final long HEAP_SLACK = 48L << 20;

    /**
     * Arenas of threads, direct buffers and compiled code fill up in the first minutes: 200 MiB
     * seen.
     */
    private static final long RESIDENT_SLACK = 400L << 20;

    private static EmbeddedBroker broker;

    @TempDir static Path checkpoints;

    private final BitSet images = new BitSet();
    private final BitSet letters = new BitSet();

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
        broker.createTopics(JobTopics.of(TopicNames.defaults(), 1, (short) 1));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void eachRecordComesOutOnceAndMemoryIsFlat() throws Exception {
        Map<String, String> settings = SmallJob.settings(broker, checkpoints);
        settings.put("ebm.image.channels", String.valueOf(FuzzedRecords.SHAPE.channels()));
        settings.put("ebm.image.height", String.valueOf(FuzzedRecords.SHAPE.height()));
        settings.put("ebm.image.width", String.valueOf(FuzzedRecords.SHAPE.width()));
        settings.put("ebm.model.width", "2");
        settings.put("ebm.purifier.steps", "1");
        settings.put("ebm.learner.warmup", "8");
        settings.put("ebm.learner.images-per-update", "200");
        JobConfig config = JobConfig.of(settings);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(2, FlinkDefaults.of(config));
        EbmTopology.build(
                env,
                config,
                context ->
                        new Executors.Choice(
                                new ReferenceExecutor(), Precision.FLOAT32, List.of()));
        JobClient job = env.executeAsync("fuzz");
        long[] first;
        try (KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        broker.bootstrapServers(),
                                        "max.request.size",
                                        String.valueOf(JobTopics.MAX_MESSAGE_BYTES)),
                                new ByteArraySerializer(),
                                new ByteArraySerializer());
                KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            FuzzedRecords records = new FuzzedRecords();
            feed(producer, records, RECORDS / 3);
            await(consumer, RECORDS / 3);
            first = memory();
            feed(producer, records, RECORDS - RECORDS / 3);
            await(consumer, RECORDS);
            long[] last = memory();
            System.out.printf(
                    "%d records: heap after collection %d, then %d MiB; resident %d, then %d MiB%n",
                    RECORDS, first[0] >> 20, last[0] >> 20, first[1] >> 20, last[1] >> 20);
            assertThat(last[0] - first[0]).as("growth of the heap").isLessThan(HEAP_SLACK);
            assertThat(last[1] - first[1]).as("resident growth").isLessThan(RESIDENT_SLACK);
            // whatever would come twice would come with the next checkpoints
            Thread.sleep(1_000);
            take(consumer);
        }
        job.cancel().get(30, TimeUnit.SECONDS);

        assertThat(images.intersects(letters)).as("both image and dead letter").isFalse();
        assertThat(images.cardinality() + letters.cardinality()).isEqualTo(RECORDS);
        for (int i = 0; i < RECORDS; i++) {
            if (FuzzedRecords.kind(i) != Kind.DAMAGED) {
                assertThat(images.get(i))
                        .as("record %d is an image", i)
                        .isEqualTo(FuzzedRecords.kind(i) == Kind.WHOLE);
            }
        }
    }

    private static void feed(
            KafkaProducer<byte[], byte[]> producer, FuzzedRecords records, int count) {
        for (int i = 0; i < count; i++) {
            producer.send(new ProducerRecord<>(Topics.IMAGES, 0, null, records.next()));
        }
        producer.flush();
    }

    private static KafkaConsumer<byte[], byte[]> consumer() {
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "isolation.level",
                                "read_committed",
                                "auto.offset.reset",
                                "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        consumer.assign(
                List.of(
                        new TopicPartition(Topics.PURIFIED, 0),
                        new TopicPartition(Topics.IMAGES_DLQ, 0)));
        return consumer;
    }

    private void await(KafkaConsumer<byte[], byte[]> consumer, int count) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(120 + RECORDS / 100).toNanos();
        while (images.cardinality() + letters.cardinality() < count) {
            assertThat(System.nanoTime())
                    .as("%d images, %d letters", images.cardinality(), letters.cardinality())
                    .isLessThan(deadline);
            take(consumer);
        }
    }

    private void take(KafkaConsumer<byte[], byte[]> consumer) throws Exception {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
            boolean image = record.topic().equals(Topics.PURIFIED);
            int of =
                    image
                            ? (int) WireFormat.PURIFIED.decode(record.value()).getSourceOffset()
                            : Integer.parseInt(
                                    new String(
                                            record.headers().lastHeader(Headers.OFFSET).value(),
                                            StandardCharsets.UTF_8));
            BitSet seen = image ? images : letters;
            assertThat(seen.get(of)).as("%s of record %d twice", record.topic(), of).isFalse();
            seen.set(of);
        }
    }

    /** Heap after a collection, and resident memory, bytes. */
    private static long[] memory() {
        System.gc();
        return new long[] {
            ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
            ResidentMemory.now().orElse(0)
        };
    }
}
