package io.ebmstream.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.hat.RefinementBatch;
import io.ebmstream.ops.hat.RefinementImage;
import io.ebmstream.ops.hat.RefinementProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an interrupted {@code ebm refine} goes on from: a file for each batch that has begun, and
 * the settings that all are of. Gone when the report is written. Not thread-safe.
 */
final class RefineProgress {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SETTINGS = "settings.json";

    /** All that shapes the samples, and how many steps they took. */
    private record Kept(String settings, long steps) {}

    private final Path folder;
    private final String settings;
    private final long steps;

    private RefineProgress(Path folder, String settings, long steps) {
        this.folder = folder;
        this.settings = settings;
        this.steps = steps;
    }

    /**
     * That of an earlier run in the folder, or none yet.
     *
     * @throws UsageException if the earlier run had other settings
     */
    static RefineProgress open(Path out, String settings) throws IOException {
        Path folder = out.resolve("progress");
        Path file = folder.resolve(SETTINGS);
        if (!Files.exists(file)) {
            Files.createDirectories(folder);
            RefineProgress fresh = new RefineProgress(folder, settings, 0);
            fresh.keep(0);
            return fresh;
        }
        Kept kept = JSON.readValue(file.toFile(), Kept.class);
        if (!kept.settings().equals(settings)) {
            throw new UsageException(
                    "expected the samples that "
                            + folder
                            + " holds, "
                            + kept.settings()
                            + ", found "
                            + settings
                            + "; use the same options, or another --out");
        }
        return new RefineProgress(folder, settings, kept.steps());
    }

    /** Steps times samples of earlier runs; for the display. */
    long steps() {
        return steps;
    }

    private Path file(int first) {
        return folder.resolve("samples-" + first + ".bin");
    }

    /** The samples of a batch where they were, or as they are. */
    List<RefinementImage> samples(int first, List<RefinementImage> fresh) throws IOException {
        Path file = file(first);
        try {
            return Files.exists(file)
                    ? RefinementProgress.read(Files.readAllBytes(file), fresh)
                    : fresh;
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    file + ": " + e.getMessage() + "; remove the file to have them done again", e);
        }
    }

    /**
     * Keeps a batch.
     *
     * @param more steps times samples of this run
     */
    void save(int first, RefinementBatch batch, long more) throws IOException {
        WholeFile.replace(file(first), RefinementProgress.write(batch));
        keep(steps + more);
    }

    private void keep(long all) throws IOException {
        WholeFile.replace(
                folder.resolve(SETTINGS), JSON.writeValueAsBytes(new Kept(settings, all)));
    }

    /** Forgets all: there is nothing left to go on from. */
    void delete() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
