package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.Layer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalisation's scale, shift and statistics, on the heap: what its stages do with them is
 * arithmetic on a few values for each channel, in double precision.
 */
final class NormWeights implements LayerWeights {
    final Layer.BatchNorm layer;
    final double[] scale;
    final double[] shift;
    final double[] mean;
    final double[] variance;
    final double[] scaleGradient;
    final double[] shiftGradient;
    private final Mode mode;
    private final INDArray parameters;
    private final int offset;
    private final float[] values;
    private int version;

    /**
     * @param parameters the flat vector that {@link #load} reads
     * @param offset where the layer's four tensors begin in it
     * @param mean those in use: running ones from {@link #load}, or the batch's from a stage
     * @param variance likewise
     */
    NormWeights(
            Layer.BatchNorm layer,
            Mode mode,
            INDArray parameters,
            int offset,
            double[] mean,
            double[] variance) {
        this.layer = layer;
        this.mode = mode;
        this.parameters = parameters;
        this.offset = offset;
        int channels = layer.channels();
        scale = new double[channels];
        shift = new double[channels];
        this.mean = mean;
        this.variance = variance;
        scaleGradient = new double[channels];
        shiftGradient = new double[channels];
        values = new float[4 * channels];
    }

    @Override
    public Stage stage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        return mode == Mode.TRAINING
                ? new BatchStatisticsStage(this, x, y, gy, gx)
                : new RunningStatisticsStage(this, x, y, gy, gx);
    }

    @Override
    public void load() {
        FloatArrays.read(parameters, offset, values, 0, values.length);
        int channels = layer.channels();
        for (int c = 0; c < channels; c++) {
            scale[c] = values[c];
            shift[c] = values[channels + c];
            if (mode == Mode.INFERENCE) {
                mean[c] = values[2 * channels + c];
                variance[c] = values[3 * channels + c];
            }
        }
        version++;
    }

    /** Number of the last {@link #load}: tells stages when to refresh what they made of it. */
    int version() {
        return version;
    }

    /** 1 / sqrt(variance + epsilon). */
    double inverseDeviation(int c) {
        return 1 / Math.sqrt(variance[c] + layer.epsilon());
    }

    @Override
    public void clearGradient() {
        Arrays.fill(scaleGradient, 0);
        Arrays.fill(shiftGradient, 0);
    }

    @Override
    public void storeGradient(INDArray flat) {
        int channels = layer.channels();
        for (int c = 0; c < channels; c++) {
            values[c] = (float) scaleGradient[c];
            values[channels + c] = (float) shiftGradient[c];
        }
        FloatArrays.write(values, 0, flat, offset, 2 * channels);
    }

    @Override
    public void close() {
        // Holds nothing off the heap.
    }
}
