package io.ebmstream.ops.compute.reference;

/**
 * {@link io.ebmstream.ops.energy.Layer.Reshape}: maps are flat, so nothing changes but how others
 * read them. Stateless, thread-safe.
 */
final class Reshaping implements ImageOperation {

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        System.arraycopy(x, 0, y, 0, y.length);
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int j = 0; j < gy.length; j++) {
            gx[j] += gy[j];
        }
    }
}
