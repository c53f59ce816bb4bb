package io.ebmstream.job.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are there whole or, after a kill, as they were before. */
final class WholeFile {
    private WholeFile() {}

    /** Puts a file in the place of another, or of none. */
    static void replace(Path file, byte[] bytes) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(whole, bytes);
        Files.move(
                whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
