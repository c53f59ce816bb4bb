package io.ebmstream.job.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ebm evaluate}: measures a trained model. */
@Command(
        name = "evaluate",
        description = "Measure a trained model.",
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            EvaluateRobustnessCommand.class,
            EvaluateQualityCommand.class,
            EvaluatePurificationCommand.class
        })
final class EvaluateCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected one of "
                        + String.join(", ", spec.subcommands().keySet())
                        + ", found none");
    }
}
