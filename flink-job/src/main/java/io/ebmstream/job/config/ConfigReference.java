package io.ebmstream.job.config;

import java.time.Duration;
import java.util.Locale;

/** The reference of all options, generated from {@link EbmOptions}. */
public final class ConfigReference {
    private ConfigReference() {}

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
        for (Setting<?> setting : EbmOptions.all()) {
            String value = defaultText(setting);
            page.append("| `")
                    .append(setting.key())
                    .append("` | ")
                    .append(value.isEmpty() ? "(empty)" : "`" + value + "`")
                    .append(" | ")
                    .append(setting.expected().replace("|", "\\|"))
                    .append(" | ")
                    .append(description(setting).replace("|", "\\|"))
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
