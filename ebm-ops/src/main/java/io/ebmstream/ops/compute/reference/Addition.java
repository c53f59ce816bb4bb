package io.ebmstream.ops.compute.reference;

/**
 * {@link io.ebmstream.ops.energy.Layer.Add}: y = a + b, and both inputs' gradient is the result's;
 * where both are the same node it gets it twice. Stateless, thread-safe.
 */
final class Addition implements Operation {

    @Override
    public void forward(double[] parameters, double[][][] x, double[][] y, int n) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < y[i].length; j++) {
                y[i][j] = x[0][i][j] + x[1][i][j];
            }
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
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < gy[i].length; j++) {
                gx[0][i][j] += gy[i][j];
                gx[1][i][j] += gy[i][j];
            }
        }
    }
}
