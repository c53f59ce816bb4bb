package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;

/**
 * How a data set is read.
 *
 * @param shape what every image becomes by {@link ImageResize}, or null to leave images as they are
 *     (they must then agree)
 * @param padTo side of the square that images are then padded to with black, or 0 for none (28x28
 *     -> 32x32)
 * @param limit largest number of images, the first ones; 0 for all
 */
public record DatasetOptions(ImageShape shape, int padTo, int limit) {
    /** All images as they are. */
    public static final DatasetOptions DEFAULT = new DatasetOptions(null, 0, 0);

    /**
     * @throws IllegalArgumentException if a number is negative or the channels are not 1 or 3
     */
    public DatasetOptions {
        if (padTo < 0 || limit < 0) {
            throw new IllegalArgumentException(
                    "expected padding and limit of at least 0 (0: none), found padding "
                            + padTo
                            + ", limit "
                            + limit);
        }
        if (shape != null && shape.channels() != 1 && shape.channels() != 3) {
            throw new IllegalArgumentException(
                    "expected a shape of 1 or 3 channels, found " + shape);
        }
    }

    public DatasetOptions withShape(ImageShape newShape) {
        return new DatasetOptions(newShape, padTo, limit);
    }

    public DatasetOptions withPadTo(int newPadTo) {
        return new DatasetOptions(shape, newPadTo, limit);
    }

    public DatasetOptions withLimit(int newLimit) {
        return new DatasetOptions(shape, padTo, newLimit);
    }

    /** What an image becomes under these options. */
    Image prepare(Image image) {
        Image shaped = shape == null ? image : ImageResize.toShape(image, shape);
        return padTo == 0 ? shaped : shaped.padded(padTo, padTo);
    }
}
