package io.ebmstream.ops.diagnostics;

import io.ebmstream.ops.sampler.GaussianNoise;

/**
 * Fixed random projections of images, u_j . x with u_j of length 1, pure functions of (seed, j):
 * quantities of a chain that show where the energy alone would not that it has moved. Thread-safe.
 */
public final class Projections {
    private final float[][] directions;

    /**
     * @param size values of an image
     * @param count directions, at least 1
     * @param seed seed of the directions
     */
    public Projections(int size, int count, long seed) {
        if (size < 1 || count < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 value and 1 direction, found " + size + " and " + count);
        }
        GaussianNoise noise = new GaussianNoise();
        directions = new float[count][size];
        for (int j = 0; j < count; j++) {
            noise.fill(seed, j, 0, directions[j], 0, size);
            double squares = 0;
            for (float value : directions[j]) {
                squares += (double) value * value;
            }
            float scale = (float) (1 / Math.sqrt(squares));
            for (int i = 0; i < size; i++) {
                directions[j][i] *= scale;
            }
        }
    }

    /** Values of an image. */
    public int size() {
        return directions[0].length;
    }

    /** Number of directions. */
    public int count() {
        return directions.length;
    }

    /**
     * One projection of an image.
     *
     * @param image holds the image's values from {@code offset} on
     */
    public double of(int direction, float[] image, int offset) {
        double sum = 0;
        float[] u = directions[direction];
        for (int i = 0; i < u.length; i++) {
            sum += (double) u[i] * image[offset + i];
        }
        return sum;
    }
}
