package io.ebmstream.job.cli;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DatasetOptions;
import io.ebmstream.ops.image.Datasets;
import io.ebmstream.ops.image.ImageDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The images that a command works through. */
final class TrainingImages {
    @Option(
            names = "--images",
            paramLabel = "PATH",
            arity = "1..*",
            required = true,
            description = "Images: " + Datasets.ACCEPTED + ".")
    private List<Path> paths;

    @Option(
            names = "--pad",
            paramLabel = "PIXELS",
            defaultValue = "0",
            description =
                    "Pad images with black to a square of that side; 0 is the model's size where there is"
                            + " a model, else none.")
    private int pad;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "Take the first N images; 0 takes all.")
    private int limit;

    /**
     * Reads them.
     *
     * @throws UsageException if there are none to read
     */
    ImageDataset open() {
        return open(DatasetOptions.DEFAULT.withPadTo(pad).withLimit(limit));
    }

    /**
     * Reads them for a model: where {@code --pad} says nothing, smaller ones are padded to its
     * shape.
     *
     * @throws UsageException if there are none to read, or they are of another shape
     */
    ImageDataset open(ImageShape shape) {
        int side = pad == 0 ? shape.height() : pad;
        ImageDataset data = open(DatasetOptions.DEFAULT.withPadTo(side).withLimit(limit));
        if (!data.shape().equals(shape)) {
            throw new UsageException(
                    "--images: expected images of "
                            + shape
                            + " like the model's, found "
                            + data.shape());
        }
        return data;
    }

    private ImageDataset open(DatasetOptions options) {
        try {
            return Datasets.open(options, paths.toArray(Path[]::new));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("--images: " + e.getMessage(), e);
        }
    }

    /**
     * Reads them with their labels.
     *
     * @throws UsageException if there are none to read, or the first has no label
     */
    ImageDataset openLabelled() {
        return LabelledImages.open("--images", paths, pad, limit);
    }

    /** Side that images are padded to, 0 for none. */
    int pad() {
        return pad;
    }

    /** The paths as they were given. */
    String names() {
        return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
    }
}
