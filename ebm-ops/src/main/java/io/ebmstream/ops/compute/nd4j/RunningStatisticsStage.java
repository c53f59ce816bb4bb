package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.FloatArrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalisation by the running statistics, which are constants:
 *
 * <pre>
 * y = a x + b,   a = scale / sqrt(variance + epsilon),   b = shift - a mean
 * gx = a gy,   gscale = sum gy (x - mean) / sqrt(variance + epsilon),   gshift = sum gy
 * </pre>
 */
final class RunningStatisticsStage extends Stage {
    private final NormWeights weights;
    private final int channels;
    private final float[] heap;
    private final INDArray factor;
    private final INDArray offset;
    private final INDArray mean;
    private final List<PreparedOp> forward;
    private final PreparedOp backward;
    private final FeatureMap x;
    private final FeatureMap gy;
    private Sums sums;
    private int version = -1;

    RunningStatisticsStage(
            NormWeights weights, FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        this.weights = weights;
        this.x = x;
        this.gy = gy;
        channels = x.shape().channels();
        heap = new float[channels];
        factor = scratch(channels);
        offset = scratch(channels);
        mean = scratch(channels);
        forward =
                List.of(
                        own(PreparedOp.multiplyRow(x.pixels(), factor, y.pixels())),
                        own(PreparedOp.addRow(y.pixels(), offset, y.pixels())));
        backward = own(PreparedOp.multiplyRow(gy.pixels(), factor, gx.pixels()));
    }

    @Override
    void forward() {
        refresh();
        forward.forEach(PreparedOp::run);
    }

    private void refresh() {
        if (version == weights.version()) {
            return;
        }
        for (int c = 0; c < channels; c++) {
            heap[c] = (float) (weights.scale[c] * weights.inverseDeviation(c));
        }
        FloatArrays.write(heap, 0, factor, 0, channels);
        for (int c = 0; c < channels; c++) {
            double a = weights.scale[c] * weights.inverseDeviation(c);
            heap[c] = (float) (weights.shift[c] - a * weights.mean[c]);
        }
        FloatArrays.write(heap, 0, offset, 0, channels);
        for (int c = 0; c < channels; c++) {
            heap[c] = (float) weights.mean[c];
        }
        FloatArrays.write(heap, 0, mean, 0, channels);
        version = weights.version();
    }

    @Override
    void backward(boolean parameters) {
        if (parameters) {
            if (sums == null) {
                sums = new Sums();
            }
            sums.add();
        }
        backward.run();
    }

    @Override
    public void close() {
        if (sums != null) {
            sums.gradient.close();
            sums.product.close();
        }
        super.close();
    }

    /** The gradients by scale and shift; made when first wanted. */
    private final class Sums {
        private final FeatureMap centred = new FeatureMap(scratch(length()), x.shape(), x.images());
        private final PreparedOp centre =
                own(PreparedOp.subtractRow(x.pixels(), mean, centred.pixels()));
        private final PreparedOp multiply =
                own(PreparedOp.multiply(centred.buffer(), gy.buffer(), centred.buffer()));
        private final ChannelSum gradient = new ChannelSum(gy);
        private final ChannelSum product = new ChannelSum(centred);

        private long length() {
            return x.buffer().length();
        }

        void add() {
            FloatArrays.read(gradient.run(), 0, heap, 0, channels);
            for (int c = 0; c < channels; c++) {
                weights.shiftGradient[c] += heap[c];
            }
            centre.run();
            multiply.run();
            FloatArrays.read(product.run(), 0, heap, 0, channels);
            for (int c = 0; c < channels; c++) {
                weights.scaleGradient[c] += heap[c] * weights.inverseDeviation(c);
            }
        }
    }
}
