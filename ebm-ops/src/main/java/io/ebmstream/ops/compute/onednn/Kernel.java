package io.ebmstream.ops.compute.onednn;

/**
 * Geometry of a convolution as it runs; its weights have the plain order [out, in, rows, columns].
 *
 * @param padding zeros before the first row and column; as many behind as the result needs
 */
record Kernel(int in, int out, int rows, int columns, int stride, int padding) {

    /** A square one. */
    static Kernel square(int in, int out, int side, int stride, int padding) {
        return new Kernel(in, out, side, side, stride, padding);
    }

    /** Number of weights. */
    int weights() {
        return out * in * rows * columns;
    }

    /** Whether it mixes channels only, pixel by pixel. */
    boolean isPointwise() {
        return rows == 1 && columns == 1 && stride == 1 && padding == 0;
    }
}
