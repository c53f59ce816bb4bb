package io.ebmstream.job.cli;

import org.jline.utils.Signals;

/**
 * Turns Ctrl-C into a request to end cleanly; a second one ends the JVM at once.
 *
 * <p>A shutdown hook would not do: hooks of Flink and Kafka run beside it and take away what a
 * clean end still needs.
 */
final class Interrupts implements AutoCloseable {
    private static final int SIGTERM_EXIT = 143;

    private final Object previousInt;
    private final Object previousTerm;
    private volatile int signalled;

    private Interrupts(Runnable stop) {
        previousInt = Signals.register("INT", () -> on(ExitCode.INTERRUPTED, stop));
        previousTerm = Signals.register("TERM", () -> on(SIGTERM_EXIT, stop));
    }

    /** Calls {@code stop} at the first Ctrl-C or TERM from now on. */
    static Interrupts handle(Runnable stop) {
        return new Interrupts(stop);
    }

    /** The exit code: that of a signal if there was one. */
    int exitCode(int otherwise) {
        return signalled == 0 ? otherwise : signalled;
    }

    @Override
    public void close() {
        Signals.unregister("INT", previousInt);
        Signals.unregister("TERM", previousTerm);
    }

    private void on(int exit, Runnable stop) {
        if (signalled != 0) {
            Runtime.getRuntime().halt(exit);
        }
        signalled = exit;
        stop.run();
    }
}
