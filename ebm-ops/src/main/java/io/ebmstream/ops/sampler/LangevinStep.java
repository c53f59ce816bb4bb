package io.ebmstream.ops.sampler;

/**
 * The update of one Langevin step on one image, shared by all executors so that they mean the same:
 *
 * <pre>
 * d = (eps^2 / (2 T)) grad U(x) + (eps^2 / (2 tau^2)) x
 * d <- d min(1, max / |d|)          where a largest norm is set
 * x <- x - d + eps xi
 * </pre>
 *
 * <p>Fastest where the three arrays have the same offset: 0.1 ns a pixel instead of 0.6.
 *
 * <p>Single precision; |d| is summed in double precision in a fixed order. NaN and infinity are
 * passed on, never hidden.
 *
 * <p>Thread-safe: a value.
 */
public final class LangevinStep {
    private final float factor;
    private final float decay;
    private final float stepSize;
    private final double maxNorm;

    public LangevinStep(LangevinConfig config) {
        this.factor = (float) config.energyFactor();
        this.decay = (float) config.decay();
        this.stepSize = (float) config.stepSize();
        this.maxNorm = config.maxLangevinNorm();
    }

    /** Whether every step needs the norm, because it may clip. */
    public boolean clips() {
        return maxNorm > 0;
    }

    /**
     * Moves one image in place.
     *
     * @param x pixels, overwritten
     * @param xOffset where the image begins in {@code x}
     * @param gradient grad U(x), same order of pixels
     * @param gradientOffset where it begins
     * @param noise standard normals, same order of pixels
     * @param noiseOffset where they begin
     * @param length number of pixels
     * @param wantNorm whether the caller needs |d|; without it and without clipping it is not
     *     computed
     * @return |d| after clipping, or 0 where it was not computed
     */
    public float apply(
            float[] x,
            int xOffset,
            float[] gradient,
            int gradientOffset,
            float[] noise,
            int noiseOffset,
            int length,
            boolean wantNorm) {
        double norm = 0;
        float scale = 1;
        if (wantNorm || maxNorm > 0) {
            norm = norm(x, xOffset, gradient, gradientOffset, length);
            if (maxNorm > 0 && norm > maxNorm) {
                scale = (float) (maxNorm / norm);
                norm = maxNorm;
            }
        }
        if (xOffset == gradientOffset && xOffset == noiseOffset) {
            move(x, gradient, noise, xOffset, length, scale);
        } else {
            move(x, xOffset, gradient, gradientOffset, noise, noiseOffset, length, scale);
        }
        return (float) norm;
    }

    /** The JIT compiler turns loops into vector instructions only where offsets are the same. */
    private void move(
            float[] x, float[] gradient, float[] noise, int offset, int length, float scale) {
        int end = offset + length;
        if (decay == 0) {
            float f = scale == 1 ? factor : factor * scale;
            for (int i = offset; i < end; i++) {
                x[i] = x[i] - f * gradient[i] + stepSize * noise[i];
            }
        } else {
            for (int i = offset; i < end; i++) {
                float d = factor * gradient[i] + decay * x[i];
                x[i] = x[i] - scale * d + stepSize * noise[i];
            }
        }
    }

    private void move(
            float[] x,
            int xOffset,
            float[] gradient,
            int gradientOffset,
            float[] noise,
            int noiseOffset,
            int length,
            float scale) {
        if (decay == 0) {
            float f = scale == 1 ? factor : factor * scale;
            for (int i = 0; i < length; i++) {
                x[xOffset + i] =
                        x[xOffset + i]
                                - f * gradient[gradientOffset + i]
                                + stepSize * noise[noiseOffset + i];
            }
        } else {
            for (int i = 0; i < length; i++) {
                float d = factor * gradient[gradientOffset + i] + decay * x[xOffset + i];
                x[xOffset + i] = x[xOffset + i] - scale * d + stepSize * noise[noiseOffset + i];
            }
        }
    }

    private double norm(float[] x, int xOffset, float[] gradient, int gradientOffset, int length) {
        // Four sums side by side hide the latency of the additions; their order is fixed.
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i + 3 < length; i += 4) {
            double d0 = factor * gradient[gradientOffset + i] + decay * x[xOffset + i];
            double d1 = factor * gradient[gradientOffset + i + 1] + decay * x[xOffset + i + 1];
            double d2 = factor * gradient[gradientOffset + i + 2] + decay * x[xOffset + i + 2];
            double d3 = factor * gradient[gradientOffset + i + 3] + decay * x[xOffset + i + 3];
            sum0 += d0 * d0;
            sum1 += d1 * d1;
            sum2 += d2 * d2;
            sum3 += d3 * d3;
        }
        for (; i < length; i++) {
            double d = factor * gradient[gradientOffset + i] + decay * x[xOffset + i];
            sum0 += d * d;
        }
        return Math.sqrt((sum0 + sum1) + (sum2 + sum3));
    }
}
