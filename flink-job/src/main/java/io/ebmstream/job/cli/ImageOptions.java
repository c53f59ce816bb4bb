package io.ebmstream.job.cli;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DatasetOptions;
import io.ebmstream.ops.image.Datasets;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Which images a command takes. */
final class ImageOptions {
    /** Made-up images before they repeat. */
    private static final int SHAPES = 50_000;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            arity = "1..*",
            showDefaultValue = Visibility.NEVER,
            description = "Images: " + Datasets.ACCEPTED + ". Without: made-up shapes.")
    private List<Path> paths = new ArrayList<>();

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Scale images to a square of that side (16, 28, 32, 64 or 128 fit the network)."
                            + " Needed where images differ in size.")
    private Integer size;

    /**
     * Reads the images.
     *
     * @throws UsageException if there are none to read
     */
    ImageDataset open(long seed) {
        if (paths.isEmpty()) {
            int side = size == null ? ShapesDataset.DEFAULT_SHAPE.height() : size;
            return new ShapesDataset(new ImageShape(3, side, side), seed, SHAPES);
        }
        try {
            DatasetOptions options = DatasetOptions.DEFAULT;
            if (size != null) {
                ImageShape first =
                        Datasets.open(options.withLimit(1), paths.toArray(Path[]::new)).shape();
                options = options.withShape(new ImageShape(first.channels(), size, size));
            }
            return Datasets.open(options, paths.toArray(Path[]::new));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("--images: " + e.getMessage(), e);
        }
    }

    /** Paths as given, empty for made-up shapes. */
    List<Path> paths() {
        return paths;
    }
}
