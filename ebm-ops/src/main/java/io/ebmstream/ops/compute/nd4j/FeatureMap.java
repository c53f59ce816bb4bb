package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Where the values of a group of feature maps lie: element (image, channel, row, column) at {@code
 * image * imageStride + channel * channelStride + row * rowStride + column * columnStride} of a
 * flat buffer. The buffer may be larger: what lies in between is scratch among values and zero
 * among gradients.
 *
 * @param buffer flat float32 array; owned by the compiled network
 */
record FeatureMap(
        INDArray buffer,
        ImageShape shape,
        long imageStride,
        long channelStride,
        long rowStride,
        long columnStride) {

    /** A new map [images, c, h, w] with nothing in between. */
    static FeatureMap planar(ImageShape shape, int images) {
        return new FeatureMap(
                zeros((long) images * shape.size()),
                shape,
                shape.size(),
                (long) shape.height() * shape.width(),
                shape.width(),
                1);
    }

    /** The same layout in a new buffer. */
    FeatureMap another() {
        return new FeatureMap(
                zeros(buffer.length()), shape, imageStride, channelStride, rowStride, columnStride);
    }

    /** A new flat array of zeros. */
    static INDArray zeros(long length) {
        return Nd4j.zeros(DataType.FLOAT, length);
    }

    /** A strided view into a flat array, without its dimensions of size 1 but the first. */
    static INDArray view(INDArray flat, long offset, long[] sizes, long[] strides) {
        int kept = 0;
        long[] size = new long[sizes.length];
        long[] stride = new long[sizes.length];
        for (int d = 0; d < sizes.length; d++) {
            if (d == 0 || sizes[d] != 1) {
                size[kept] = sizes[d];
                stride[kept] = strides[d];
                kept++;
            }
        }
        return Nd4j.create(
                flat.data(), Arrays.copyOf(size, kept), Arrays.copyOf(stride, kept), offset, 'c');
    }
}
