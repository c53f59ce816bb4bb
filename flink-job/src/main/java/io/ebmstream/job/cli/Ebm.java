package io.ebmstream.job.cli;

import io.ebmstream.job.config.ConfigException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** {@code ebm}: the command line of ebm-stream. */
@Command(
        name = "ebm",
        description =
                "Streaming online learning of energy-based image models: learns what a stream of"
                        + " images looks like, purifies them, and says which are odd.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        showDefaultValues = true,
        sortOptions = false,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            FeedCommand.class,
            WatchCommand.class,
            ControlCommandLine.class,
            BoardCommand.class,
            ReplayCommand.class,
            DlqCommand.class,
            BenchCommand.class,
            ChaosCommand.class,
            DescribeCommand.class,
            PrecisionCommand.class,
            PresetsCommand.class,
            TrainCommand.class,
            WeightsCommand.class,
            SnapshotsCommand.class,
            ProbeCommand.class,
            StudyCommand.class,
            LogzCommand.class,
            PurifyCommand.class,
            TrainClassifierCommand.class,
            EvaluateCommand.class,
            TrainAutoencoderCommand.class,
            RefineCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            CompletionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:all done",
            " 1:something failed at run time",
            " 2:bad usage or bad configuration; nothing was started",
            "130:ended by Ctrl-C"
        })
public final class Ebm implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    /** Environment variable that places the log file where no option does. */
    static final String LOG_FILE = "EBM_LOG_FILE";

    private boolean verbose;

    @CommandLine.Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Log what happens inside; errors with their stack traces.")
    void setVerbose(boolean value) {
        verbose = value;
        if (value) {
            Logging.verbose();
        }
    }

    @CommandLine.Option(
            names = "--log-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description =
                    "Write all that happens into a file, too; at "
                            + Logging.FILE_SIZE
                            + " it becomes FILE.1, up to FILE.5. Also by the environment's "
                            + LOG_FILE
                            + ".")
    void setLogFile(Path file) {
        try {
            Logging.toFile(file);
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs a command on standard output and error. */
    static int execute(String... args) {
        String file = System.getenv(LOG_FILE);
        if (file != null && !file.isBlank() && !List.of(args).contains("--log-file")) {
            try {
                Logging.toFile(Path.of(file));
            } catch (UsageException e) {
                System.err.println("ebm: " + LOG_FILE + ": " + e.getMessage());
                return ExitCode.USAGE;
            }
        }
        try {
            return commandLine().execute(args);
        } finally {
            Logging.closeFile();
        }
    }

    /** The command line, for tests that look at its output. */
    static CommandLine commandLine() {
        Ebm root = new Ebm();
        CommandLine line = new CommandLine(root);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Ebm::badUsage);
        line.setExecutionExceptionHandler((e, command, parsed) -> root.failed(e, command));
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command, found none");
    }

    private static int badUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText(prefixed(command, e.getMessage())));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    private int failed(Exception e, CommandLine command) {
        boolean usage = e instanceof UsageException || e instanceof ConfigException;
        PrintWriter err = command.getErr();
        for (String line : message(e).split("\n")) {
            err.println(command.getColorScheme().errorText(prefixed(command, line)));
        }
        if (verbose) {
            command.getColorScheme().richStackTraceString(e).lines().forEach(err::println);
        } else if (!usage) {
            err.println("Run it with --verbose for the details.");
        }
        err.flush();
        LoggerFactory.getLogger(Ebm.class).debug("command failed", e);
        return usage ? ExitCode.USAGE : ExitCode.FAILED;
    }

    /** What went wrong; of files Java's messages hold the path alone. */
    private static String message(Exception e) {
        if (e instanceof FileSystemException file && file.getReason() == null) {
            return (e instanceof NoSuchFileException
                            ? "expected a file or folder, found none at "
                            : e instanceof AccessDeniedException
                                    ? "expected a file or folder that may be read and written,"
                                            + " found "
                                    : e instanceof FileAlreadyExistsException
                                            ? "expected nothing or a folder, found a file at "
                                            : e.getClass().getSimpleName() + ": ")
                    + file.getFile();
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private static String prefixed(CommandLine command, String message) {
        return command.getCommandSpec().qualifiedName() + ": " + message;
    }
}
