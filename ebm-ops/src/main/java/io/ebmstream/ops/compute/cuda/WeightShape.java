package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;

/**
 * Weights [outs, ins, height, width] of a convolution, or of a dense layer, which is a convolution
 * of its whole input.
 *
 * @param outs filters
 * @param ins channels of the input
 * @param height rows of the kernel
 * @param width columns of the kernel
 * @param stride of the kernel
 * @param padding zeros around the input
 * @param bias whether there is one
 */
record WeightShape(
        int outs, int ins, int height, int width, int stride, int padding, boolean bias) {

    /** Those of a node that is a convolution or a dense layer; null for others. */
    static WeightShape of(Network network, int node) {
        Layer layer = network.nodes().get(node).layer();
        if (layer instanceof Layer.Conv2d conv) {
            return of(conv);
        }
        return layer instanceof Layer.Dense dense
                ? of(dense, network.inputShapes(node).get(0))
                : null;
    }

    private static WeightShape of(Layer.Conv2d conv) {
        return new WeightShape(
                conv.out(),
                conv.in(),
                conv.kernel(),
                conv.kernel(),
                conv.stride(),
                conv.padding(),
                conv.bias());
    }

    private static WeightShape of(Layer.Dense dense, ImageShape input) {
        return new WeightShape(
                dense.out(), input.channels(), input.height(), input.width(), 1, 0, dense.bias());
    }

    /** Whether an input of this shape gives a single number: the dot product with the weights. */
    boolean isDot(ImageShape input) {
        return outs == 1 && padding == 0 && height == input.height() && width == input.width();
    }

    int paddedOuts() {
        return TensorShape.padded(outs);
    }

    int paddedIns() {
        return TensorShape.padded(ins);
    }

    /** Values on the device. */
    long values() {
        return (long) paddedOuts() * height * width * paddedIns();
    }

    /** Values in the parameter vector, without the bias. */
    int parameters() {
        return outs * ins * height * width;
    }
}
