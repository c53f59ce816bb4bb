package io.ebmstream.job.cli;

import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Path;

/** Models that options name. */
final class ModelArgument {
    private ModelArgument() {}

    /**
     * Reads one.
     *
     * @param option the option that gave the path, for messages
     * @throws UsageException if there is none, or it is no model
     */
    static ModelFile read(String option, Path path) {
        try {
            return ModelFile.read(path);
        } catch (IOException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }
}
