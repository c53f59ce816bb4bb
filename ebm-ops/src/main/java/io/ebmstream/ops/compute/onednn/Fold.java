package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;

/**
 * The gradient by the image of a first convolution of stride 1, written as a forward convolution
 * that gives s x s pixels at a time: channel (c, dy, dx) of its result at (Y, X) is the gradient of
 * pixel (c, s Y + dy, s X + dx).
 *
 * <pre>
 * gx[c, y, x] = sum_{o, p, q} gy[o, y + pad - p, x + pad - q] w[o, c, p, q]
 * K[(c, dy, dx), o, P, Q] = w[o, c, dy + k - 1 - P, dx + k - 1 - Q]   where the indices exist
 * </pre>
 *
 * K has side k + s - 1, stride s and padding k - 1 - pad. An image has few channels, and oneDNN
 * computes results in vectors of 16 channels: one pixel at a time wastes most of each vector (13 of
 * 16 for colour), four at a time only 4. Measured with k = 3, 32 channels to 3: more than twice as
 * fast as the backward primitive.
 *
 * @param conv the first convolution
 * @param image shape of the image
 * @param factor s
 */
record Fold(Layer.Conv2d conv, ImageShape image, int factor) {

    /** The largest factor whose channels fit in {@code lanes}, or null where folding is no use. */
    static Fold of(Layer.Conv2d conv, ImageShape image, int lanes) {
        if (conv.stride() != 1) {
            return null;
        }
        Fold best = null;
        for (int s = 2; conv.in() * s * s <= lanes; s++) {
            if (image.height() % s == 0 && image.width() % s == 0) {
                best = new Fold(conv, image, s);
            }
        }
        return best;
    }

    /** The convolution with kernel K. */
    Layer.Conv2d folded() {
        return new Layer.Conv2d(
                conv.out(),
                conv.in() * factor * factor,
                conv.kernel() + factor - 1,
                factor,
                conv.kernel() - 1 - conv.padding());
    }

    /** Shape of the folded gradient. */
    ImageShape shape() {
        return new ImageShape(
                conv.in() * factor * factor, image.height() / factor, image.width() / factor);
    }

    /**
     * Writes K.
     *
     * @param weights parameter vector
     * @param offset where the convolution's weights begin
     * @param kernel receives K in plain order
     */
    void fold(float[] weights, int offset, float[] kernel) {
        int k = conv.kernel();
        int side = k + factor - 1;
        int at = 0;
        for (int c = 0; c < conv.in(); c++) {
            for (int dy = 0; dy < factor; dy++) {
                for (int dx = 0; dx < factor; dx++) {
                    for (int o = 0; o < conv.out(); o++) {
                        for (int row = 0; row < side; row++) {
                            int p = dy + k - 1 - row;
                            for (int column = 0; column < side; column++) {
                                int q = dx + k - 1 - column;
                                boolean inside = p >= 0 && p < k && q >= 0 && q < k;
                                int from = offset + ((o * conv.in() + c) * k + p) * k + q;
                                kernel[at++] = inside ? weights[from] : 0;
                            }
                        }
                    }
                }
            }
        }
    }
}
