package io.ebmstream.job.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.KafkaSettings;
import io.ebmstream.job.config.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EmbeddedBrokerITCase {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopDeletesItsDirectory() {
        assertThat(broker.directory()).isDirectory();
        broker.close();
        broker.close();
        assertThat(broker.directory()).doesNotExist();
    }

    @Test
    void readersOfCommittedRecordsSeeOnlyCommittedTransactions() {
        broker.createTopics(List.of(new NewTopic("tx", 1, (short) 1)));
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "transactional.id",
                        "tx-test");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("tx", bytes("aborted")));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("tx", bytes("committed")));
            producer.commitTransaction();
        }
        assertThat(read("tx", 1)).containsExactly("committed");
    }

    @Test
    void makesTheJobsTopicsWithTheirPolicies() throws Exception {
        broker.createTopics(JobTopics.of(TopicNames.defaults(), 2, (short) 1));
        ConfigResource snapshots =
                new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.defaults().snapshots());
        ConfigResource images =
                new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.defaults().images());
        try (Admin admin = broker.admin()) {
            assertThat(admin.listTopics().names().get()).containsAll(TopicNames.defaults().all());
            var configs = admin.describeConfigs(List.of(snapshots, images)).all().get();
            assertThat(configs.get(snapshots).get("cleanup.policy").value()).isEqualTo("compact");
            assertThat(configs.get(images).get("cleanup.policy").value()).isEqualTo("delete");
        }
        assertThatThrownBy(() -> broker.createTopics(List.of(new NewTopic("a/b", 1, (short) 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a/b");
    }

    @Test
    void waitsForATopicThatIsCreatedInThisMoment() throws Exception {
        Properties kafka = new Properties();
        kafka.setProperty("bootstrap.servers", broker.bootstrapServers());
        CompletableFuture<Integer> found =
                CompletableFuture.supplyAsync(() -> TopicCheck.partitions(kafka, "late"));
        try (Admin admin = broker.admin()) {
            // the question comes first
            Thread.sleep(500);
            assertThat(found).isNotDone();
            admin.createTopics(List.of(new NewTopic("late", 3, (short) 1))).all().get();
        }
        assertThat(found.get(20, TimeUnit.SECONDS)).isEqualTo(3);
        assertThatThrownBy(() -> TopicCheck.partitions(kafka, "never"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("found these missing: never")
                .hasMessageContaining("--create-topics");
    }

    @Test
    void refusesTransactionsLongerThanTheBrokersAllow() throws Exception {
        TransactionCheck.ensure(kafka("15 min", "exactly-once"));
        TransactionCheck.ensure(kafka("16 min", "at-least-once"));
        assertThatThrownBy(() -> TransactionCheck.ensure(kafka("16 min", "exactly-once")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ebm.kafka.transaction.timeout")
                .hasMessageContaining("900000 ms")
                .hasMessageContaining("960000 ms");
    }

    private static KafkaSettings kafka(String timeout, String guarantee) {
        return JobConfig.of(
                        Map.of(
                                "ebm.kafka.bootstrap", broker.bootstrapServers(),
                                "ebm.kafka.transaction.timeout", timeout,
                                "ebm.kafka.guarantee", guarantee))
                .kafka();
    }

    private static List<String> read(String topic, int count) {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(200))) {
                    values.add(new String(r.value(), StandardCharsets.UTF_8));
                }
            }
        }
        return values;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
