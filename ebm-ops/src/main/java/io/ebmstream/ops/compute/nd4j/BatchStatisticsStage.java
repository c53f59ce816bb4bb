package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.FloatArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalisation by the statistics of the images of one call, m values in a channel, which
 * depend on x:
 *
 * <pre>
 * d = x - sum x / m,   variance = sum d^2 / m,   s = 1 / sqrt(variance + epsilon)
 * y = scale s d + shift,   gscale = s sum gy d,   gshift = sum gy
 * gx = scale s (gy - sum gy / m - s^2 d sum(gy d) / m)
 * </pre>
 */
final class BatchStatisticsStage extends Stage {
    private final NormWeights weights;
    private final int channels;
    private final long count;
    private final float[] sums;
    private final float[] gradientSums;
    private final float[] heap;
    private final INDArray row;
    private final ChannelSum sumX;
    private final ChannelSum sumSquares;
    private final ChannelSum sumGradient;
    private final ChannelSum sumProduct;
    private final PreparedOp centre;
    private final PreparedOp square;
    private final PreparedOp spread;
    private final PreparedOp addRow;
    private final PreparedOp product;
    private final PreparedOp project;
    private final PreparedOp subtractProjection;
    private final PreparedOp subtractRow;
    private final PreparedOp multiplyRow;

    BatchStatisticsStage(
            NormWeights weights, FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        this.weights = weights;
        channels = x.shape().channels();
        count = (long) x.images() * x.shape().height() * x.shape().width();
        sums = new float[channels];
        gradientSums = new float[channels];
        heap = new float[channels];
        row = scratch(channels);
        FeatureMap centred = map(x);
        FeatureMap other = map(x);
        sumX = new ChannelSum(x);
        sumSquares = new ChannelSum(other);
        sumGradient = new ChannelSum(gy);
        sumProduct = new ChannelSum(other);
        centre = own(PreparedOp.subtractRow(x.pixels(), row, centred.pixels()));
        square = own(PreparedOp.multiply(centred.buffer(), centred.buffer(), other.buffer()));
        spread = own(PreparedOp.multiplyRow(centred.pixels(), row, y.pixels()));
        addRow = own(PreparedOp.addRow(y.pixels(), row, y.pixels()));
        product = own(PreparedOp.multiply(gy.buffer(), centred.buffer(), other.buffer()));
        project = own(PreparedOp.multiplyRow(centred.pixels(), row, other.pixels()));
        subtractProjection = own(PreparedOp.subtract(gy.buffer(), other.buffer(), gx.buffer()));
        subtractRow = own(PreparedOp.subtractRow(gx.pixels(), row, gx.pixels()));
        multiplyRow = own(PreparedOp.multiplyRow(gx.pixels(), row, gx.pixels()));
    }

    private FeatureMap map(FeatureMap like) {
        return new FeatureMap(scratch(like.buffer().length()), like.shape(), like.images());
    }

    @Override
    void forward() {
        read(sumX);
        for (int c = 0; c < channels; c++) {
            weights.mean[c] = sums[c] / (double) count;
            heap[c] = (float) weights.mean[c];
        }
        withRow(centre);
        square.run();
        read(sumSquares);
        for (int c = 0; c < channels; c++) {
            weights.variance[c] = sums[c] / (double) count;
            heap[c] = (float) (weights.scale[c] * weights.inverseDeviation(c));
        }
        withRow(spread);
        for (int c = 0; c < channels; c++) {
            heap[c] = (float) weights.shift[c];
        }
        withRow(addRow);
    }

    @Override
    void backward(boolean parameters) {
        read(sumGradient);
        System.arraycopy(sums, 0, gradientSums, 0, channels);
        product.run();
        read(sumProduct);
        for (int c = 0; c < channels; c++) {
            double s = weights.inverseDeviation(c);
            if (parameters) {
                weights.shiftGradient[c] += gradientSums[c];
                weights.scaleGradient[c] += s * sums[c];
            }
            heap[c] = (float) (s * s * sums[c] / count);
        }
        withRow(project);
        subtractProjection.run();
        for (int c = 0; c < channels; c++) {
            heap[c] = gradientSums[c] / count;
        }
        withRow(subtractRow);
        for (int c = 0; c < channels; c++) {
            heap[c] = (float) (weights.scale[c] * weights.inverseDeviation(c));
        }
        withRow(multiplyRow);
    }

    private void read(ChannelSum sum) {
        FloatArrays.read(sum.run(), 0, sums, 0, channels);
    }

    /** Runs an operation that reads {@link #row}, filled from {@link #heap}. */
    private void withRow(PreparedOp operation) {
        FloatArrays.write(heap, 0, row, 0, channels);
        operation.run();
    }

    @Override
    public void close() {
        sumX.close();
        sumSquares.close();
        sumGradient.close();
        sumProduct.close();
        super.close();
    }
}
