package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.util.List;

/**
 * A finite, ordered set of images of one shape. Index i always gives the same image. Thread-safe.
 */
public interface ImageDataset {
    /** Where the images come from, for messages and provenance. */
    String name();

    /** Number of images, at least 1. */
    int size();

    /** Shape of every image. */
    ImageShape shape();

    /**
     * Image {@code index}, with its label if there is one.
     *
     * @throws IndexOutOfBoundsException if the index is not in 0 .. size - 1
     */
    Image image(int index);

    /** Class names by label; empty if they are not known. */
    default List<String> classNames() {
        return List.of();
    }
}
