package io.ebmstream.ops.quality;

/**
 * Squared maximum mean discrepancy with the cubic polynomial kernel, unbiased, averaged over
 * blocks:
 *
 * <pre>
 * k(a, b) = (a . b / d + 1)^3
 * MMD^2   = sum_{i != j} k(x_i, x_j) / (m (m - 1)) + the same of y - 2 sum_{i, j} k(x_i, y_j) / m^2
 * </pre>
 *
 * The kernel and the block average are those of the kernel inception distance (Binkowski,
 * Sutherland, Arbel, Gretton 2018, arXiv 1801.01401); the features are others. Two sets from one
 * distribution give a value around 0, also below it.
 *
 * <p>Stateless, thread-safe.
 */
public final class KernelMmd {
    private KernelMmd() {}

    /**
     * Compares two sets of features, block by block in their order; what does not fill a block is
     * left out.
     *
     * @param x one row for each image
     * @param y one row for each image, as long as those of x
     * @param block rows of each set in a block, at least 2
     * @throws IllegalArgumentException unless both sets fill at least two blocks
     */
    public static Estimate between(float[][] x, float[][] y, int block) {
        return Estimate.ofBlocks(x, y, block, KernelMmd::ofBlock);
    }

    private static double ofBlock(float[][] x, float[][] y) {
        int m = x.length;
        double within = 0;
        double across = 0;
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                if (i != j) {
                    within += kernel(x[i], x[j]) + kernel(y[i], y[j]);
                }
                across += kernel(x[i], y[j]);
            }
        }
        return within / ((double) m * (m - 1)) - 2 * across / ((double) m * m);
    }

    private static double kernel(float[] a, float[] b) {
        float dot = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
        }
        double base = (double) dot / a.length + 1;
        return base * base * base;
    }
}
