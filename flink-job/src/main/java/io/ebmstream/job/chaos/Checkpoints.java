package io.ebmstream.job.chaos;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the checkpoint that a killed job is restarted from, as an operator of it would. */
final class Checkpoints {
    private static final String METADATA = "_metadata";

    private Checkpoints() {}

    /**
     * The newest complete checkpoint of any job below a folder. One whose metadata a kill cut off
     * is none: Flink commits nothing before its metadata are written.
     *
     * @return folder of the checkpoint, empty before the first
     */
    static Optional<Path> newest(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        List<Path> found;
        try (Stream<Path> files = Files.find(folder, 3, (p, a) -> p.endsWith(METADATA))) {
            found =
                    files.sorted(Comparator.comparingLong(Checkpoints::modified).reversed())
                            .toList();
        }
        return found.stream().filter(Checkpoints::complete).map(Path::getParent).findFirst();
    }

    private static long modified(Path file) {
        return file.toFile().lastModified();
    }

    private static boolean complete(Path metadata) {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(metadata)))) {
            org.apache.flink.runtime.checkpoint.Checkpoints.loadCheckpointMetadata(
                    in, Checkpoints.class.getClassLoader(), metadata.toString());
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
