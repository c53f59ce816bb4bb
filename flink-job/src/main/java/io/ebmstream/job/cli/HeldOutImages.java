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
     * Reads images of a model's shape.
     *
     * @param option the option that gave the path, for messages
     * @param pad side of the square that images are padded to, 0 for none
     * @param limit most images, 0 for all
     * @throws UsageException if there are none to read, or they are of another shape
     */
    static ImageDataset open(String option, Path path, int pad, int limit, ImageShape shape) {
        ImageDataset data;
        try {
            data = Datasets.open(DatasetOptions.DEFAULT.withPadTo(pad).withLimit(limit), path);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
        if (!data.shape().equals(shape)) {
            throw new UsageException(
                    option
                            + ": expected images of "
                            + shape
                            + " like the model's, found "
                            + data.shape()
                            + "; see --pad");
        }
        return data;
    }

    /**
     * Shape of the first of some images.
     *
     * @throws UsageException if there are none to read
     */
    static ImageShape first(String option, Path path, int pad) {
        try {
            return Datasets.open(DatasetOptions.DEFAULT.withPadTo(pad).withLimit(1), path).shape();
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
