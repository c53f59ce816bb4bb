package io.ebmstream.ops.compute.onednn;

import java.nio.FloatBuffer;

/**
 * Where a batch normalisation's tensors lie in the parameter vector.
 *
 * @param scale offset of the first scale
 * @param shift offset of the first shift
 * @param mean offset of the first running mean
 * @param variance offset of the first running variance
 */
record Normalisation(
        int channels,
        double epsilon,
        double momentum,
        int scale,
        int shift,
        int mean,
        int variance) {

    /**
     * Moves the running statistics toward those of a batch.
     *
     * @param batchVariance biased
     * @param unbiased factor that makes the variance unbiased
     */
    void move(
            float[] parameters, FloatBuffer batchMean, FloatBuffer batchVariance, double unbiased) {
        for (int c = 0; c < channels; c++) {
            parameters[mean + c] = moved(parameters[mean + c], batchMean.get(c));
            parameters[variance + c] =
                    moved(parameters[variance + c], unbiased * batchVariance.get(c));
        }
    }

    private float moved(double running, double batch) {
        return (float) ((1 - momentum) * running + momentum * batch);
    }

    /** 1 / sqrt(running variance + epsilon). */
    double inverseDeviation(float[] parameters, int channel) {
        return 1 / Math.sqrt(parameters[variance + channel] + epsilon);
    }
}
