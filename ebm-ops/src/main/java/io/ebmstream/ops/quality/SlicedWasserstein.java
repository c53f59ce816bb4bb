package io.ebmstream.ops.quality;

import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;

/**
 * Sliced Wasserstein-2 distance (Rabin, Peyre, Delon, Bernot 2011): the root mean square, over
 * random directions, of the distance between the sorted projections of both sets.
 *
 * <pre>SW^2 = mean over directions u of mean_i (sorted(u . x)_i - sorted(u . y)_i)^2</pre>
 *
 * Stateless, thread-safe.
 */
public final class SlicedWasserstein {
    private SlicedWasserstein() {}

    /**
     * Compares two sets of features of the same number of rows.
     *
     * @param directions number of random directions, at least 1
     * @param seed seed of the directions
     * @return the distance, in units of the features
     * @throws IllegalArgumentException if the sets are empty or of different sizes
     */
    public static double between(float[][] x, float[][] y, int directions, long seed) {
        if (x.length == 0 || x.length != y.length || directions < 1) {
            throw new IllegalArgumentException(
                    "expected two sets of the same number of rows and at least 1 direction, found "
                            + x.length
                            + " and "
                            + y.length
                            + " rows and "
                            + directions
                            + " directions");
        }
        GaussianNoise noise = new GaussianNoise();
        float[] direction = new float[x[0].length];
        double sum = 0;
        for (int d = 0; d < directions; d++) {
            noise.fill(seed, d, 0, direction, 0, direction.length);
            double[] a = project(x, direction);
            double[] b = project(y, direction);
            for (int i = 0; i < a.length; i++) {
                sum += (a[i] - b[i]) * (a[i] - b[i]);
            }
        }
        return Math.sqrt(sum / directions / x.length);
    }

    private static double[] project(float[][] rows, float[] direction) {
        double squares = 0;
        for (float value : direction) {
            squares += (double) value * value;
        }
        double norm = Math.sqrt(squares);
        double[] projections = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            double dot = 0;
            for (int j = 0; j < direction.length; j++) {
                dot += (double) rows[i][j] * direction[j];
            }
            projections[i] = dot / norm;
        }
        Arrays.sort(projections);
        return projections;
    }
}
