package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.energy.Layer;

/**
 * {@link Layer.LeakyRelu}: y = x and gx = gy where x > 0, else both times the slope. Immutable,
 * thread-safe.
 */
final class LeakyRectifier implements ImageOperation {
    private final double slope;

    LeakyRectifier(Layer.LeakyRelu layer) {
        this.slope = layer.slope();
    }

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        for (int j = 0; j < y.length; j++) {
            y[j] = x[j] > 0 ? x[j] : slope * x[j];
        }
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int j = 0; j < gy.length; j++) {
            gx[j] += x[j] > 0 ? gy[j] : slope * gy[j];
        }
    }
}
