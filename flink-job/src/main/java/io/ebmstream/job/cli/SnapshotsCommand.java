package io.ebmstream.job.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ebm snapshots}: the versions that a job has published. */
@Command(
        name = "snapshots",
        description = "See, check, compare and take out what a job published, or put a model in.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SnapshotsListCommand.class,
            SnapshotsShowCommand.class,
            SnapshotsVerifyCommand.class,
            SnapshotsExportCommand.class,
            SnapshotsImportCommand.class,
            SnapshotsDiffCommand.class
        })
final class SnapshotsCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected list, show, verify, export, import or diff, found none");
    }
}
