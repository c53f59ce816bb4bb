package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;

/**
 * The geometry of a convolution; a dense layer is one whose kernel is as large as its input.
 *
 * @param weightOffset where the weights [out, in, height, width] begin in the parameter vector
 * @param biasOffset where the bias begins, or -1 without
 */
record Kernel(
        int in,
        int out,
        int height,
        int width,
        int stride,
        int padding,
        int weightOffset,
        int biasOffset) {

    static Kernel of(Layer.Conv2d conv, int weightOffset, int biasOffset) {
        return new Kernel(
                conv.in(),
                conv.out(),
                conv.kernel(),
                conv.kernel(),
                conv.stride(),
                conv.padding(),
                weightOffset,
                biasOffset);
    }

    static Kernel of(Layer.Dense dense, ImageShape x, int weightOffset, int biasOffset) {
        return new Kernel(
                x.channels(), dense.out(), x.height(), x.width(), 1, 0, weightOffset, biasOffset);
    }

    boolean bias() {
        return biasOffset >= 0;
    }

    int weights() {
        return out * in * height * width;
    }

    /** Whether every pixel of the input lies under the kernel at some place. */
    boolean covers(ImageShape x) {
        return (x.height() + 2 * padding - height) % stride == 0
                && (x.width() + 2 * padding - width) % stride == 0;
    }
}
