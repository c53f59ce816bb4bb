package io.ebmstream.job.cli;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DatasetOptions;
import io.ebmstream.ops.image.Datasets;
import io.ebmstream.ops.image.ImageDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Images to measure with. */
final class HeldOutImages {
    private HeldOutImages() {}

    /**
     * Reads images of a model's shape; smaller ones are padded with black to it.
     *
     * @param option the option that gave the path, for messages
     * @param limit most images, 0 for all
     * @throws UsageException if there are none to read, or they are of another shape
     */
    static ImageDataset open(String option, Path path, int limit, ImageShape shape) {
        ImageShape found = first(option, path);
        if (found.channels() != shape.channels()
                || found.height() > shape.height()
                || found.width() > shape.width()) {
            throw new UsageException(
                    option
                            + ": expected images of "
                            + shape
                            + " like the model's, or smaller ones, found "
                            + found);
        }
        try {
            return Datasets.open(
                    DatasetOptions.DEFAULT.withPadTo(shape.height()).withLimit(limit), path);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }

    /**
     * Shape of the first of some images.
     *
     * @throws UsageException if there are none to read
     */
    static ImageShape first(String option, Path path) {
        try {
            return Datasets.open(DatasetOptions.DEFAULT.withLimit(1), path).shape();
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }

    /**
     * Some of them, u8 planar.
     *
     * @throws UsageException if there are fewer
     */
    static List<byte[]> pixels(String option, ImageDataset data, int from, int count) {
        if (data.size() < from + count) {
            throw new UsageException(
                    option
                            + ": expected at least "
                            + (from + count)
                            + " images, found "
                            + data.size()
                            + " in "
                            + data.name());
        }
        List<byte[]> images = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            images.add(data.image(i).pixels());
        }
        return images;
    }
}
