package io.ebmstream.job.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Lets settings of Kafka clients refer to secrets that stand elsewhere, by Kafka's own
 * configuration providers (KIP-297, KIP-421):
 *
 * <ul>
 *   <li>{@code ${env:NAME}}: an environment variable,
 *   <li>{@code ${file:PATH:KEY}}: a key of a properties file,
 *   <li>{@code ${directory:PATH:FILE}}: a file, such as a mounted Kubernetes secret.
 * </ul>
 *
 * <p>The reference is resolved inside the client, on the machine it runs on. The configuration that
 * Flink stores, shows and logs holds the reference only.
 */
public final class SecretReferences {
    private static final Map<String, Class<?>> PROVIDERS =
            Map.of(
                    "env", EnvVarConfigProvider.class,
                    "file", FileConfigProvider.class,
                    "directory", DirectoryConfigProvider.class);

    private SecretReferences() {}

    /**
     * Settings under which references are resolved. Who names providers of their own gets these
     * only.
     *
     * @param settings of a Kafka client
     * @return the settings, with the providers
     */
    public static Map<String, String> enabled(Map<String, String> settings) {
        String key = AbstractConfig.CONFIG_PROVIDERS_CONFIG;
        if (settings.containsKey(key)) {
            return Map.copyOf(settings);
        }
        Map<String, String> all = new HashMap<>(settings);
        all.put(key, "env,file,directory");
        PROVIDERS.forEach((name, type) -> all.put(key + "." + name + ".class", type.getName()));
        return Map.copyOf(all);
    }
}
