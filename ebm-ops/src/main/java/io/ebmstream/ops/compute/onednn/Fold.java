package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;

/**
 * The gradient by the image of a convolution of stride s that reads it, written as a forward
 * convolution that gives f x f pixels at a time: channel (c, dy, dx) of its result at (Y, X) is the
 * gradient of pixel (c, f Y + dy, f X + dx), f a multiple of s.
 *
 * <pre>
 * gx[c, y, x] = sum_{o, p, q} gy[o, (y + pad - p)/s, (x + pad - q)/s] w[o, c, p, q]
 * K[(c, dy, dx), o, P, Q] = w[o, c, dy + pad - s (P + first), dx + pad - s (Q + first)]
 * first = ceil((pad - k + 1) / s)
 * </pre>
 *
 * where the indices exist and are whole. K has stride f/s and padding -first. An image has few
 * channels, and oneDNN computes results in vectors of 16 channels: one pixel at a time wastes most
 * of each vector (13 of 16 for colour), four at a time only 4. Measured with k = 3, 32 channels to
 * 3: more than twice as fast as the backward primitive. Several convolutions that read the image
 * add up in one folded gradient.
 *
 * @param conv the convolution
 * @param image shape of the image
 * @param factor f
 */
record Fold(Kernel conv, ImageShape image, int factor) {

    /** Whether oneDNN can be asked for the folded gradient at all. */
    static boolean fits(Kernel conv, ImageShape image, int factor, int lanes) {
        return factor % conv.stride() == 0
                && image.height() % factor == 0
                && image.width() % factor == 0
                && conv.in() * factor * factor <= lanes
                && conv.rows() == conv.columns()
                && first(conv) <= 0;
    }

    /** The convolution with kernel K. */
    Kernel folded() {
        int last = Math.floorDiv(factor - 1 + conv.padding(), conv.stride());
        return Kernel.square(
                conv.out(),
                conv.in() * factor * factor,
                last - first(conv) + 1,
                factor / conv.stride(),
                -first(conv));
    }

    /** Shape of the folded gradient. */
    ImageShape shape() {
        return new ImageShape(
                conv.in() * factor * factor, image.height() / factor, image.width() / factor);
    }

    /**
     * Writes K.
     *
     * @param weights w in plain order
     * @param kernel receives K in plain order
     */
    void fold(float[] weights, float[] kernel) {
        int side = folded().rows();
        Arrays.fill(kernel, 0, folded().weights(), 0);
        int at = 0;
        for (int c = 0; c < conv.in(); c++) {
            for (int dy = 0; dy < factor; dy++) {
                for (int dx = 0; dx < factor; dx++) {
                    for (int o = 0; o < conv.out(); o++) {
                        int from = (o * conv.in() + c) * conv.rows() * conv.rows();
                        for (int row = 0; row < side; row++) {
                            int p = tap(dy, row);
                            for (int column = 0; column < side; column++) {
                                int q = tap(dx, column);
                                if (p >= 0 && p < conv.rows() && q >= 0 && q < conv.rows()) {
                                    kernel[at] = weights[from + p * conv.rows() + q];
                                }
                                at++;
                            }
                        }
                    }
                }
            }
        }
    }

    private int tap(int pixel, int position) {
        return pixel + conv.padding() - conv.stride() * (position + first(conv));
    }

    private static int first(Kernel conv) {
        return -Math.floorDiv(conv.rows() - 1 - conv.padding(), conv.stride());
    }
}
