package io.ebmstream.job.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ebm dlq}: dead letters, looked at and sent again. */
@Command(
        name = "dlq",
        description = "Dead letters: show them, save their bytes, send them again.",
        subcommands = {DlqShowCommand.class, DlqReplayCommand.class})
final class DlqCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected show or replay, found none");
    }
}
