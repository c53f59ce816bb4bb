package io.ebmstream.job.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Python that has PyTorch: the one on the path, or else the system's own. */
public final class Python {
    private static final List<String> CANDIDATES = List.of("python3", "/usr/bin/python3");
    private static final int SECONDS = 100;

    private final Path dir;
    private final String command;

    private Python(Path dir, String command) {
        this.dir = dir;
        this.command = command;
    }

    /**
     * Finds one, or skips the test that asks.
     *
     * @param dir for what it writes
     */
    public static Python withTorch(Path dir) throws InterruptedException {
        for (String command : CANDIDATES) {
            try {
                Python python = new Python(dir, command);
                python.run("-c", "import torch");
                return python;
            } catch (IOException | AssertionError e) {
                // the next one, or the assumption below
            }
        }
        assumeTrue(false, "no python3 with torch here (" + CANDIDATES + "): not run");
        throw new AssertionError("unreachable");
    }

    /** What it prints on standard output; fails unless it ends well. */
    public String run(String... arguments) throws IOException, InterruptedException {
        Path out = dir.resolve("python.out");
        Path err = dir.resolve("python.err");
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(line)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        return Files.readString(out);
    }
}
