package io.ebmstream.job.cli;

import io.ebmstream.job.config.ConfigReference;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm config explain}: what one option does. */
@Command(
        name = "explain",
        description = "Say what an option does, what it may be and what it is if it is not set.")
final class ConfigExplainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "KEY",
            description =
                    "An option, for example ebm.learner.batch, or a group of them, ebm.learner;"
                            + " ebm. may be left out.")
    private String key;

    @Option(names = "--json", description = "A JSON array of objects in place of the lines.")
    private boolean json;

    @Override
    public Integer call() {
        List<ConfigReference.Entry> found = ConfigReference.find(key);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(found.stream().map(ConfigCommand::tree).toList()));
        } else {
            for (ConfigReference.Entry entry : found) {
                out.println(entry.key());
                out.println("  meaning  " + entry.meaning());
                out.println("  allowed  " + entry.expected());
                out.println(
                        "  default  "
                                + (entry.defaultValue().isEmpty()
                                        ? "(empty)"
                                        : entry.defaultValue()));
            }
        }
        out.flush();
        return ExitCode.OK;
    }
}
