package io.ebmstream.job.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ebm study}: measurements against other methods. */
@Command(
        name = "study",
        description = "Measure a part of the product against other methods.",
        subcommands = StudyDriftCommand.class)
final class StudyCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected what to study: see ebm study --help");
    }
}
