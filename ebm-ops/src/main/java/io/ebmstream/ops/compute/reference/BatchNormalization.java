package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;

/**
 * {@link Layer.BatchNorm} and its gradients, for every channel:
 *
 * <pre>
 * y = scale * u + shift,   u = (x - mean) / sqrt(variance + epsilon)
 * gscale = sum gy u,   gshift = sum gy
 * </pre>
 *
 * In inference mean and variance are the running statistics, constants: gx = scale / sqrt(variance
 * + epsilon) * gy. In training they are the batch's own, mean = sum x / m and variance = sum (x -
 * mean)^2 / m over the m values of a channel, and depend on x:
 *
 * <pre>
 * gx = scale / sqrt(variance + epsilon) * ( gy - sum(gy) / m - u * sum(gy u) / m )
 * </pre>
 *
 * Not thread-safe.
 */
final class BatchNormalization implements Operation {
    private final Layer.BatchNorm layer;
    private final Mode mode;

    /** Pixels of one channel. */
    private final int pixels;

    /** Where scale, shift, running mean and running variance begin in the parameter vector. */
    private final int offset;

    private final double[] mean;
    private final double[] variance;

    /** sqrt(variance + epsilon) of the last forward pass. */
    private final double[] deviation;

    /**
     * @param mean receives the means that every forward pass used, [channels]
     * @param variance receives the variances that every forward pass used, [channels]
     */
    BatchNormalization(
            Layer.BatchNorm layer,
            ImageShape shape,
            Mode mode,
            int offset,
            double[] mean,
            double[] variance) {
        this.layer = layer;
        this.mode = mode;
        this.pixels = shape.height() * shape.width();
        this.offset = offset;
        this.mean = mean;
        this.variance = variance;
        this.deviation = new double[layer.channels()];
    }

    @Override
    public void forward(double[] parameters, double[][][] x, double[][] y, int n) {
        if (mode == Mode.TRAINING) {
            measure(x[0], n);
        } else {
            System.arraycopy(parameters, offset + 2 * layer.channels(), mean, 0, mean.length);
            System.arraycopy(parameters, offset + 3 * layer.channels(), variance, 0, mean.length);
        }
        for (int c = 0; c < deviation.length; c++) {
            deviation[c] = Math.sqrt(variance[c] + layer.epsilon());
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < y[i].length; j++) {
                int c = j / pixels;
                double shift = parameters[offset + layer.channels() + c];
                y[i][j] = parameters[offset + c] * normalized(x[0][i], j) + shift;
            }
        }
    }

    /** Mean and biased variance of every channel over the first n images. */
    private void measure(double[][] x, int n) {
        double values = (double) n * pixels;
        for (int c = 0; c < layer.channels(); c++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                for (int j = c * pixels; j < (c + 1) * pixels; j++) {
                    sum += x[i][j];
                }
            }
            mean[c] = sum / values;
            double squares = 0;
            for (int i = 0; i < n; i++) {
                for (int j = c * pixels; j < (c + 1) * pixels; j++) {
                    squares += (x[i][j] - mean[c]) * (x[i][j] - mean[c]);
                }
            }
            variance[c] = squares / values;
        }
    }

    @Override
    public void inputGradient(
            double[] parameters,
            double[][][] x,
            double[][] y,
            double[][] gy,
            double[][][] gx,
            int n) {
        double values = (double) n * pixels;
        for (int c = 0; c < layer.channels(); c++) {
            double sum = 0;
            double projection = 0;
            if (mode == Mode.TRAINING) {
                for (int i = 0; i < n; i++) {
                    for (int j = c * pixels; j < (c + 1) * pixels; j++) {
                        sum += gy[i][j];
                        projection += gy[i][j] * normalized(x[0][i], j);
                    }
                }
            }
            double factor = parameters[offset + c] / deviation[c];
            for (int i = 0; i < n; i++) {
                for (int j = c * pixels; j < (c + 1) * pixels; j++) {
                    double moved = sum / values + normalized(x[0][i], j) * projection / values;
                    gx[0][i][j] += factor * (gy[i][j] - moved);
                }
            }
        }
    }

    @Override
    public void parameterGradient(
            double[][][] x, double[][] gy, double scale, double[] sum, int n) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < gy[i].length; j++) {
                int c = j / pixels;
                sum[offset + c] += scale * gy[i][j] * normalized(x[0][i], j);
                sum[offset + layer.channels() + c] += scale * gy[i][j];
            }
        }
    }

    private double normalized(double[] x, int j) {
        return (x[j] - mean[j / pixels]) / deviation[j / pixels];
    }
}
