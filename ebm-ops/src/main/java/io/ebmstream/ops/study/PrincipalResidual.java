package io.ebmstream.ops.study;

import io.ebmstream.ops.sampler.GaussianNoise;

/**
 * How far an image lies from the plane of the first principal components of known ones:
 *
 * <pre>r(x) = |x - m|^2 - |W^T (x - m)|^2</pre>
 *
 * W by orthogonal iteration (Golub, Van Loan, "Matrix Computations", section 8.2.4). Immutable,
 * thread-safe.
 */
final class PrincipalResidual {
    private static final int ITERATIONS = 12;

    private final double[] mean;

    /** Orthonormal components, one a row. */
    private final double[][] components;

    /**
     * @param images pixels of known images, more than components
     * @param count components
     * @param seed of the first guess
     */
    PrincipalResidual(float[][] images, int count, long seed) {
        int d = images[0].length;
        mean = new double[d];
        for (float[] image : images) {
            for (int j = 0; j < d; j++) {
                mean[j] += (double) image[j] / images.length;
            }
        }
        double[][] rows = new double[images.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = centred(images[i]);
        }
        components = new double[count][d];
        float[] noise = new float[d];
        for (int k = 0; k < count; k++) {
            new GaussianNoise().fill(seed, k, 0, noise, 0, d);
            for (int j = 0; j < d; j++) {
                components[k][j] = noise[j];
            }
        }
        orthonormalise();
        for (int step = 0; step < ITERATIONS; step++) {
            double[][] next = new double[count][d];
            for (double[] row : rows) {
                for (int k = 0; k < count; k++) {
                    double along = dot(components[k], row);
                    for (int j = 0; j < d; j++) {
                        next[k][j] += along * row[j];
                    }
                }
            }
            for (int k = 0; k < count; k++) {
                components[k] = next[k];
            }
            orthonormalise();
        }
    }

    double of(float[] image) {
        double[] row = centred(image);
        double rest = dot(row, row);
        for (double[] component : components) {
            double along = dot(component, row);
            rest -= along * along;
        }
        return rest;
    }

    private double[] centred(float[] image) {
        double[] row = new double[mean.length];
        for (int j = 0; j < row.length; j++) {
            row[j] = image[j] - mean[j];
        }
        return row;
    }

    private void orthonormalise() {
        for (int k = 0; k < components.length; k++) {
            for (int l = 0; l < k; l++) {
                double along = dot(components[k], components[l]);
                for (int j = 0; j < mean.length; j++) {
                    components[k][j] -= along * components[l][j];
                }
            }
            double length = Math.sqrt(dot(components[k], components[k]));
            for (int j = 0; j < mean.length; j++) {
                components[k][j] /= length;
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }
}
