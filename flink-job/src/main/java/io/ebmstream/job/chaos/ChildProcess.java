package io.ebmstream.job.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A JVM of this product's own, started and killed by {@link Chaos}. It says {@link #READY} in its
 * log when it is up, and ends by itself when its standard input does: when the process that started
 * it is gone, however it went. Not thread-safe.
 */
final class ChildProcess implements AutoCloseable {
    /** The line of a child that is up. */
    static final String READY = "chaos child is ready";

    private static final long POLL_MILLIS = 50;

    private final String name;
    private final Process process;
    private final Path log;

    private ChildProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a class with a main method in a JVM like this one.
     *
     * @param log gets its output; written over
     * @param heap its largest heap, for example {@code 512m}
     */
    static ChildProcess start(String name, Class<?> main, String heap, Path log, List<String> args)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(args);
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        return new ChildProcess(name, process, log);
    }

    /** In a child: says that it is up, then blocks until the parent is gone. */
    static void serve() throws IOException {
        System.out.println(READY);
        System.out.flush();
        while (System.in.read() >= 0) {
            // the parent writes nothing; the end of the stream is its end
        }
    }

    boolean ready() {
        try {
            return Files.readString(log).contains(READY);
        } catch (IOException e) {
            throw new UncheckedIOException("the log of " + name + " cannot be read", e);
        }
    }

    /**
     * Waits until it is up.
     *
     * @return false if {@code stopped} ended the wait
     * @throws IllegalStateException if it has ended, or takes too long
     */
    boolean awaitReady(Duration patience, BooleanSupplier stopped) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!ready()) {
            check();
            if (stopped.getAsBoolean()) {
                return false;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "expected "
                                + name
                                + " to be up within "
                                + patience.toSeconds()
                                + " s; see "
                                + log);
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    /**
     * @throws IllegalStateException if it has ended by itself
     */
    void check() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "expected "
                            + name
                            + " to run, found it ended with exit code "
                            + process.exitValue()
                            + "; see "
                            + log);
        }
    }

    /** SIGKILL (on Windows, TerminateProcess): nothing of it has a chance to end well. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("expected " + name + " to be gone after a kill");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
