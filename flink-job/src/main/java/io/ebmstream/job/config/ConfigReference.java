package io.ebmstream.job.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The reference of all options, generated from {@link EbmOptions}. */
public final class ConfigReference {
    private ConfigReference() {}

    /**
     * One option in words.
     *
     * @param key full key
     * @param defaultValue as it would stand in a file; may be empty
     * @param expected the allowed values
     * @param meaning what it does, with its unit
     */
    public record Entry(String key, String defaultValue, String expected, String meaning) {}

    /** Every option, in the order of the page. */
    public static List<Entry> entries() {
        return EbmOptions.all().stream()
                .<Entry>map(
                        setting ->
                                new Entry(
                                        setting.key(),
                                        defaultText(setting),
                                        setting.expected(),
                                        description(setting)))
                .toList();
    }

    /**
     * The option of a key, or all options of a group such as {@code ebm.learner}; the {@code ebm.}
     * may be left out.
     *
     * @throws ConfigException if there is none; says which is meant, perhaps
     */
    public static List<Entry> find(String key) {
        String full = key.startsWith(EbmOptions.PREFIX) ? key : EbmOptions.PREFIX + key;
        List<Entry> all = entries();
        List<Entry> found = all.stream().filter(e -> e.key().equals(full)).toList();
        if (found.isEmpty()) {
            String group = full.endsWith(".") ? full : full + ".";
            found = all.stream().filter(e -> e.key().startsWith(group)).toList();
        }
        if (found.isEmpty()) {
            throw new ConfigException(
                    List.of(
                            SettingsReader.unknown(
                                    full,
                                    all.stream().map(Entry::key).collect(Collectors.toSet()))));
        }
        return found;
    }

    /** A Markdown page: one table row for each option. */
    public static String markdown() {
        StringBuilder page =
                new StringBuilder(
                        """
                        # Configuration

                        Generated from `EbmOptions`: `./ebm config > flink-job/CONFIG.md`. Options stand in one YAML file, nested or
                        dotted, for `./ebm run --config FILE`; `-D key=value` overrides one. Keys under `kafka.` go to the Kafka
                        clients without the prefix; their values may refer to secrets: `${env:NAME}`, `${file:PATH:KEY}` (a properties file),
                        `${directory:PATH:FILE}` (a mounted secret), resolved in the client, never shown or stored.
                        Flink's own keys (`execution.*`, `state.*`, `taskmanager.*`, ..) go to Flink.
                        Pixel units: pixels span [-1, 1].

                        | key | default | allowed | meaning |
                        |---|---|---|---|
                        """);
        for (Entry entry : entries()) {
            String value = entry.defaultValue();
            page.append("| `")
                    .append(entry.key())
                    .append("` | ")
                    .append(value.isEmpty() ? "(empty)" : "`" + value + "`")
                    .append(" | ")
                    .append(entry.expected().replace("|", "\\|"))
                    .append(" | ")
                    .append(entry.meaning().replace("|", "\\|"))
                    .append(" |\n");
        }
        return page.toString();
    }

    /** A default as it would stand in a file. */
    static String defaultText(Setting<?> setting) {
        Object value = setting.option().defaultValue();
        if (value instanceof Duration d) {
            return Durations.text(d);
        }
        if (value instanceof Double d) {
            return d == 0 ? "0" : number(d);
        }
        return value instanceof Enum<?> e ? e.toString().toLowerCase(Locale.ROOT) : "" + value;
    }

    static String description(Setting<?> setting) {
        return new org.apache.flink.configuration.description.HtmlFormatter()
                .format(setting.option().description());
    }

    static String number(double value) {
        return value >= 0.01 && value < 1e6
                ? String.valueOf(value)
                : String.valueOf(value).replace(".0E", "e").replace('E', 'e');
    }
}
