package io.ebmstream.job.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ebm weights}: weights of other tools to models and back. */
@Command(
        name = "weights",
        description = "Bring weights in from other tools, take them out, or show what a model is.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            WeightsImportCommand.class,
            WeightsExportCommand.class,
            WeightsFetchCommand.class,
            WeightsShowCommand.class
        })
final class WeightsCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected import, export, fetch or show, found none");
    }
}
