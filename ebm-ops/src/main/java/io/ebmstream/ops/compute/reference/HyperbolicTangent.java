package io.ebmstream.ops.compute.reference;

/**
 * {@link io.ebmstream.ops.energy.Layer.Tanh}: y = tanh x, gx = (1 - y^2) gy. Stateless,
 * thread-safe.
 */
final class HyperbolicTangent implements ImageOperation {

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        for (int j = 0; j < y.length; j++) {
            y[j] = Math.tanh(x[j]);
        }
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int j = 0; j < gy.length; j++) {
            gx[j] += (1 - y[j] * y[j]) * gy[j];
        }
    }
}
