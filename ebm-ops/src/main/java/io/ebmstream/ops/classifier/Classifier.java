package io.ebmstream.ops.classifier;

import io.ebmstream.ops.energy.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Gives logits for images. The classes' probabilities are the softmax of the logits.
 *
 * <p>An image's logits do not depend on the images beside it. Not thread-safe: one thread at a
 * time. Owns native memory: close it.
 */
public interface Classifier extends AutoCloseable {
    /** Shape of the images. */
    ImageShape input();

    /** Number of logits of an image, at least 2. */
    int classes();

    /**
     * Logits of every image.
     *
     * @param images [n, c, h, w] float32, c order, contiguous, pixels nominally in [-1, 1]; n of at
     *     least 1, of any size
     * @param logits receives the logits of image i at index i: at least n rows of {@link #classes}
     */
    void logits(INDArray images, float[][] logits);

    /** Frees native memory. Closing twice is harmless. */
    @Override
    void close();
}
