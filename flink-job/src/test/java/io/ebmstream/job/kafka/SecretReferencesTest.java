package io.ebmstream.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.config.ConfigException;
import io.ebmstream.job.config.JobConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretReferencesTest {
    private static final String SECRET = "a secret with = and \"quotes\"";

    @TempDir Path folder;

    @Test
    void aClientFindsWhatReferencesNameAndTheConfigurationNeverHoldsIt() throws Exception {
        Files.writeString(folder.resolve("jaas"), SECRET);
        Files.writeString(folder.resolve("kafka.properties"), "key.password=from-file");

        JobConfig config =
                JobConfig.of(
                        Map.of(
                                "kafka.sasl.jaas.config", "${directory:" + folder + ":jaas}",
                                "kafka.ssl.key.password",
                                        "${file:"
                                                + folder.resolve("kafka.properties")
                                                + ":key.password}",
                                "kafka.client.id", "${env:PATH}"));

        ConsumerConfig client = client(config.kafka().properties());
        assertThat(client.getPassword(SaslConfigs.SASL_JAAS_CONFIG).value()).isEqualTo(SECRET);
        assertThat(client.getPassword("ssl.key.password").value()).isEqualTo("from-file");
        assertThat(client.getString("client.id")).isEqualTo(System.getenv("PATH"));
        assertThat(config.toString()).contains("${directory:").doesNotContain(SECRET, "from-file");
    }

    @Test
    void providersOfOnesOwnReplaceThese() {
        Map<String, String> own =
                Map.of("config.providers", "vault", "config.providers.vault.class", "x.Vault");

        assertThat(SecretReferences.enabled(own)).isEqualTo(own);
    }

    @Test
    void aMistypedKeyIsReportedWithoutItsValue() {
        assertThatThrownBy(() -> JobConfig.of(Map.of("kafak.sasl.jaas.config", SECRET)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("kafak.sasl.jaas.config")
                .hasMessageNotContaining(SECRET);
    }

    private static ConsumerConfig client(Properties properties) {
        properties.setProperty(
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class.getName());
        properties.setProperty(
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class.getName());
        return new ConsumerConfig(properties);
    }
}
