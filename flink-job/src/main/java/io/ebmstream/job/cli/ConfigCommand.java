package io.ebmstream.job.cli;

import io.ebmstream.job.config.ConfigReference;
import io.ebmstream.job.topology.MetricsReference;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm config}: the reference of all options. */
@Command(name = "config", description = "Print every configuration option with its default.")
final class ConfigCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--metrics", description = "Print the reference of all metrics instead.")
    private boolean metrics;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(metrics ? MetricsReference.markdown() : ConfigReference.markdown());
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
