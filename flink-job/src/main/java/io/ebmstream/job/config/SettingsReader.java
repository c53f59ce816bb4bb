package io.ebmstream.job.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.flink.configuration.Configuration;

/** Takes typed values out of flat text and collects everything that is wrong with it. */
final class SettingsReader {
    private static final String KAFKA_PREFIX = "kafka.";

    /** First words of Flink's own keys; others are taken for typos. */
    private static final Set<String> FLINK =
            Set.of(
                    "blob",
                    "classloader",
                    "client",
                    "cluster",
                    "compiler",
                    "env",
                    "execution",
                    "external-resource",
                    "external-resources",
                    "fs",
                    "heartbeat",
                    "high-availability",
                    "historyserver",
                    "io",
                    "job-event",
                    "jobmanager",
                    "jobstore",
                    "kubernetes",
                    "metrics",
                    "parallelism",
                    "pekko",
                    "pipeline",
                    "plugin",
                    "process",
                    "queryable-state",
                    "rest",
                    "restart-strategy",
                    "s3",
                    "s5cmd",
                    "security",
                    "slot",
                    "slotmanager",
                    "state",
                    "task",
                    "taskmanager",
                    "traces",
                    "events",
                    "user",
                    "web");

    private final Configuration values;
    private final Map<String, String> flink = new LinkedHashMap<>();
    private final Map<String, String> kafka = new LinkedHashMap<>();
    private final List<String> violations = new ArrayList<>();

    SettingsReader(Map<String, String> text) {
        Set<String> known = EbmOptions.all().stream().map(Setting::key).collect(Collectors.toSet());
        Configuration ours = new Configuration();
        text.forEach(
                (key, value) -> {
                    if (key.startsWith(EbmOptions.PREFIX)) {
                        if (known.contains(key)) {
                            ours.setString(key, value.trim());
                        } else {
                            violations.add(unknown(key, known));
                        }
                    } else if (key.startsWith(KAFKA_PREFIX)) {
                        kafka.put(key.substring(KAFKA_PREFIX.length()), value);
                    } else if (FLINK.contains(key.split("\\.", 2)[0])) {
                        flink.put(key, value);
                    } else {
                        violations.add(
                                key
                                        + ": expected a key that begins with ebm., kafka. or one of"
                                        + " Flink's groups (execution., state., taskmanager. ..),"
                                        + " found none of them"
                                        + suggestion("ebm." + key, known));
                    }
                });
        if (kafka.containsKey("bootstrap.servers")) {
            violations.add(
                    "kafka.bootstrap.servers: expected the brokers under "
                            + EbmOptions.KAFKA_BOOTSTRAP.key()
                            + ", found them here");
        }
        this.values = ours;
    }

    /** A value, or the default after a violation was noted. */
    <T> T get(Setting<T> setting) {
        String text = values.getString(setting.key(), null);
        try {
            T value = values.get(setting.option());
            if (setting.valid().test(value)) {
                return value;
            }
        } catch (IllegalArgumentException | ClassCastException e) {
            // said below, with what is expected instead of a parser's words
        }
        violations.add(
                setting.key() + ": expected " + setting.expected() + ", found \"" + text + "\"");
        return setting.option().defaultValue();
    }

    void violation(String text) {
        violations.add(text);
    }

    Map<String, String> flink() {
        return flink;
    }

    Map<String, String> kafka() {
        return kafka;
    }

    List<String> violations() {
        return violations;
    }

    /** What is wrong with a key that is none, and which is meant, perhaps. */
    static String unknown(String key, Set<String> known) {
        return key
                + ": expected an option of ebm-stream, found an unknown key"
                + suggestion(key, known);
    }

    private static String suggestion(String key, Set<String> known) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : new TreeSet<>(known)) {
            int d = distance.apply(key, candidate);
            if (d < least) {
                least = d;
                best = candidate;
            }
        }
        return least <= Math.max(3, key.length() / 3) ? "; did you mean " + best + "?" : "";
    }
}
