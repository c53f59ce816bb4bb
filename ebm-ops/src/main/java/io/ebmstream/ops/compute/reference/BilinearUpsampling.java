package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;

/**
 * {@link io.ebmstream.ops.energy.Layer.UpsampleBilinear}:
 *
 * <pre>
 * y[c, i, j] = sum_{r, t} a(i, r) a(j, t) x[c, r, t]
 * </pre>
 *
 * where a(i, r) is 3/4 for r = i / 2 (rounded down) and 1/4 for the row before it (even i) or after
 * it (odd i), the border row standing in for rows outside the image. Gradients go back by the same
 * weights. Immutable, thread-safe.
 */
final class BilinearUpsampling implements ImageOperation {
    private static final double NEAR = 0.75;
    private static final double FAR = 0.25;

    private final ImageShape in;

    BilinearUpsampling(ImageShape in) {
        this.in = in;
    }

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        Arrays.fill(y, 0);
        for (int j = 0; j < y.length; j++) {
            for (int tap = 0; tap < 4; tap++) {
                y[j] += weight(tap) * x[pixel(j, tap)];
            }
        }
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int j = 0; j < gy.length; j++) {
            for (int tap = 0; tap < 4; tap++) {
                gx[pixel(j, tap)] += weight(tap) * gy[j];
            }
        }
    }

    /** Tap 0 is the nearest pixel, 1 its neighbour in the row, 2 in the column, 3 in both. */
    private static double weight(int tap) {
        return ((tap & 1) == 0 ? NEAR : FAR) * ((tap & 2) == 0 ? NEAR : FAR);
    }

    /** Index of the pixel that result j reads by a tap. */
    private int pixel(int j, int tap) {
        int width = 2 * in.width();
        int height = 2 * in.height();
        int column = source(j % width, (tap & 1) != 0, in.width());
        int row = source(j / width % height, (tap & 2) != 0, in.height());
        return (j / (width * height) * in.height() + row) * in.width() + column;
    }

    /** Row (or column) under result row i, or the one next to it on the side where i lies. */
    private static int source(int i, boolean next, int rows) {
        int nearest = i / 2;
        if (!next) {
            return nearest;
        }
        return i % 2 == 0 ? Math.max(nearest - 1, 0) : Math.min(nearest + 1, rows - 1);
    }
}
