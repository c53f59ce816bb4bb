package io.ebmstream.job.cli;

import io.ebmstream.job.config.ConfigReference;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ebm config}: the reference of all options. */
@Command(name = "config", description = "Print every configuration option with its default.")
final class ConfigCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(ConfigReference.markdown());
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
