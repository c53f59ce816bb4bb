package io.ebmstream.job.cli;

import io.ebmstream.job.kafka.SecretReferences;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where Kafka is, for commands that talk to it directly. */
final class KafkaOptions {
    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            defaultValue = "localhost:9092",
            description = "Kafka brokers to begin with, several with commas.")
    private String bootstrap;

    @Option(
            names = "--kafka",
            paramLabel = "KEY=VALUE",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Setting of the Kafka client, for example security.protocol=SSL. May be"
                            + " repeated. Secrets by reference: $${env:NAME}, $${file:PATH:KEY},"
                            + " $${directory:PATH:FILE}.")
    private Map<String, String> settings = new LinkedHashMap<>();

    Properties properties() {
        Properties p = new Properties();
        p.putAll(SecretReferences.enabled(settings));
        p.setProperty("bootstrap.servers", bootstrap);
        return p;
    }

    String bootstrap() {
        return bootstrap;
    }
}
