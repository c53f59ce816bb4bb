package io.ebmstream.job.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that a training keeps its checkpoint in. */
final class CheckpointFolder {
    private CheckpointFolder() {}

    /**
     * Makes the folder, and sees that a training neither overwrites another nor goes on from none.
     *
     * @param name name of the checkpoint's file
     * @return the checkpoint's file
     * @throws UsageException if {@code --resume} was given without a checkpoint, or the reverse
     */
    static Path open(Path folder, String name, boolean resume) throws IOException {
        Files.createDirectories(folder);
        Path checkpoint = folder.resolve(name);
        if (Files.exists(checkpoint) != resume) {
            throw new UsageException(
                    resume
                            ? "--resume: expected a checkpoint at " + checkpoint + ", found none"
                            : "expected no checkpoint in "
                                    + folder
                                    + ", found one; give --resume to go on, or another --out");
        }
        return checkpoint;
    }
}
