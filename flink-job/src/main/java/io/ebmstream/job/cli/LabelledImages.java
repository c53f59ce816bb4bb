package io.ebmstream.job.cli;

import io.ebmstream.ops.image.DatasetOptions;
import io.ebmstream.ops.image.Datasets;
import io.ebmstream.ops.image.ImageDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Reads images for commands that need their labels. */
final class LabelledImages {
    private LabelledImages() {}

    /**
     * @param option the option that gave the paths, for messages
     * @param pad side of the square that images are padded to, 0 for none
     * @param limit most images, 0 for all
     * @throws UsageException if there are none to read, or the first has no label
     */
    static ImageDataset open(String option, List<Path> paths, int pad, int limit) {
        ImageDataset data;
        try {
            data =
                    Datasets.open(
                            DatasetOptions.DEFAULT.withPadTo(pad).withLimit(limit),
                            paths.toArray(Path[]::new));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
        if (!data.image(0).hasLabel()) {
            throw new UsageException(
                    option
                            + ": expected images with labels, found none in "
                            + data.name()
                            + "; IDX images need their label file beside them, folders one folder"
                            + " for each class");
        }
        return data;
    }
}
