package io.ebmstream.job.cli;

import io.ebmstream.job.config.ConfigReference;
import io.ebmstream.job.topology.MetricsReference;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm config}: the reference of all options. */
@Command(
        name = "config",
        description =
                "Print every configuration option with its default; explain one, or check a file.",
        synopsisSubcommandLabel = "[COMMAND]",
        subcommands = {ConfigExplainCommand.class, ConfigValidateCommand.class})
final class ConfigCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--metrics", description = "Print the reference of all metrics instead.")
    private boolean metrics;

    @Option(names = "--json", description = "A JSON array of options in place of the page.")
    private boolean json;

    @Override
    public Integer call() {
        if (json && metrics) {
            throw new UsageException("expected --json or --metrics, found both");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(
                    JsonText.of(
                            ConfigReference.entries().stream().map(ConfigCommand::tree).toList()));
        } else {
            out.print(metrics ? MetricsReference.markdown() : ConfigReference.markdown());
        }
        out.flush();
        return ExitCode.OK;
    }

    /** An option as {@code --json} prints it. */
    static Map<String, String> tree(ConfigReference.Entry entry) {
        Map<String, String> tree = new LinkedHashMap<>();
        tree.put("key", entry.key());
        tree.put("default", entry.defaultValue());
        tree.put("allowed", entry.expected());
        tree.put("meaning", entry.meaning());
        return tree;
    }
}
