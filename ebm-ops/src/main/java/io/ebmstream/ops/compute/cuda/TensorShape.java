package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.energy.ImageShape;

/**
 * How a batch of maps lies on the device: values [n, h, w, c], the channels filled up with zeros to
 * a multiple of {@link Gpu#CHANNELS}.
 *
 * @param images n
 * @param map channels, rows and columns of one map, without the filling
 */
record TensorShape(int images, ImageShape map) {

    /** Channels with those that fill up. */
    static int padded(int channels) {
        return (channels + Gpu.CHANNELS - 1) / Gpu.CHANNELS * Gpu.CHANNELS;
    }

    int channels() {
        return map.channels();
    }

    int height() {
        return map.height();
    }

    int width() {
        return map.width();
    }

    /** Channels on the device. */
    int padded() {
        return padded(map.channels());
    }

    /** Rows of the tensor seen as a matrix of values by channels. */
    int rows() {
        return Math.multiplyExact(images, map.height() * map.width());
    }

    /** Values of one image on the device. */
    int imageValues() {
        return map.height() * map.width() * padded();
    }

    /** Values of all images on the device. */
    long values() {
        return (long) images * imageValues();
    }

    /** Groups of {@link Gpu#CHANNELS} values. */
    long vectors() {
        return values() / Gpu.CHANNELS;
    }

    /** Size on the device. */
    long bytes(Precision precision) {
        return values() * precision.bytes();
    }

    /** Numbers at the border: pixels without the filling. */
    long pixels() {
        return (long) images * map.size();
    }
}
