package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.energy.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The values that one layer gives for a group of images, channels last: element (image, channel,
 * row, column) at {@code ((image * h + row) * w + column) * c + channel} of a flat buffer. That is
 * the layout in which ND4J's convolutions need no reordering.
 *
 * @param buffer flat float32 array; owned by the plan
 */
record FeatureMap(INDArray buffer, ImageShape shape, int images) {

    /** A new map of zeros. */
    static FeatureMap of(ImageShape shape, int images) {
        return new FeatureMap(zeros((long) images * shape.size()), shape, images);
    }

    /** A new map of the same size. */
    FeatureMap another() {
        return of(shape, images);
    }

    /** As [n, h, w, c]. */
    INDArray array() {
        return reshaped(images, shape.height(), shape.width(), shape.channels());
    }

    /** One row for each pixel: [n * h * w, c]. */
    INDArray pixels() {
        return reshaped((long) images * shape.height() * shape.width(), shape.channels());
    }

    /** The values in the order (image, channel, row, column), as a strided view. */
    INDArray planes() {
        return array().permute(0, 3, 1, 2);
    }

    private INDArray reshaped(long... sizes) {
        return view(buffer, 0, sizes);
    }

    /** A new flat array of zeros. */
    static INDArray zeros(long length) {
        return Nd4j.zeros(DataType.FLOAT, length);
    }

    /** A contiguous part of a flat array, as an array of these sizes. */
    static INDArray view(INDArray flat, long offset, long... sizes) {
        long[] strides = new long[sizes.length];
        long stride = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= sizes[d];
        }
        return Nd4j.create(flat.data(), sizes, strides, flat.offset() + offset, 'c');
    }

    /** Any part of a flat array. */
    static INDArray strided(INDArray flat, long offset, long[] sizes, long[] strides) {
        return Nd4j.create(flat.data(), sizes, strides, flat.offset() + offset, 'c');
    }
}
