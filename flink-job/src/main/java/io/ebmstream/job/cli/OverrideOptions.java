package io.ebmstream.job.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** {@code -D key=value}, for commands that take a configuration. */
final class OverrideOptions {
    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "Set one configuration option; see 'ebm config'. May be repeated.")
    private Map<String, String> values = new LinkedHashMap<>();

    Map<String, String> values() {
        return values;
    }
}
