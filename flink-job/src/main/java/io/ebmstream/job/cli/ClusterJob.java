package io.ebmstream.job.cli;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine;

/**
 * The entry of a cluster that runs this job alone (Flink's application mode, as in {@code k8s}): a
 * command line such as {@code run --config FILE}, as {@link Ebm} takes it.
 *
 * <p>It never ends the JVM, which there is the job manager's, and lets what goes wrong through to
 * it: Flink tells a cancelled job from a failed one by the exception, and has to clean up either.
 */
public final class ClusterJob {
    private ClusterJob() {}

    /**
     * Runs a command.
     *
     * @throws Exception what the command failed with
     * @throws IllegalArgumentException if it is no command; what is wrong was printed
     */
    public static void main(String[] args) throws Exception {
        AtomicReference<Exception> failure = new AtomicReference<>();
        CommandLine line = Ebm.commandLine();
        line.setExecutionExceptionHandler(
                (e, command, parsed) -> {
                    failure.set(e);
                    return ExitCode.FAILED;
                });
        int exit = line.execute(args);
        if (failure.get() != null) {
            throw failure.get();
        }
        if (exit != ExitCode.OK) {
            throw new IllegalArgumentException(
                    "expected a command of ebm and its options, found " + List.of(args));
        }
    }
}
