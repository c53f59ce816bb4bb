package io.ebmstream.job.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder of {@code --out}, for commands that write over nothing. */
final class OutFolder {
    private OutFolder() {}

    /**
     * Makes sure that nothing is in it.
     *
     * @throws UsageException if it has files, or cannot be read
     */
    static void checkEmpty(Path out) {
        if (!Files.isDirectory(out)) {
            return;
        }
        try (Stream<Path> found = Files.list(out)) {
            if (found.findAny().isPresent()) {
                throw new UsageException(
                        "--out: expected a new or empty folder, found files in " + out);
            }
        } catch (IOException e) {
            throw new UsageException(
                    "--out: expected a folder that can be read, found " + out + ": " + e, e);
        }
    }
}
