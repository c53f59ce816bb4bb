package io.ebmstream.ops.compute.reference;

/** An operation with one input that treats every image for itself. Maps are flat [c, h, w]. */
interface ImageOperation extends Operation {

    /** Overwrites {@code y}. */
    void forward(double[] parameters, double[] x, double[] y);

    /** Adds the gradient by the input to {@code gx}. */
    void inputGradient(double[] parameters, double[] x, double[] y, double[] gy, double[] gx);

    /** Adds {@code scale} times the gradient by the parameters to the flat vector {@code sum}. */
    default void parameterGradient(double[] x, double[] gy, double scale, double[] sum) {}

    @Override
    default void forward(double[] parameters, double[][][] x, double[][] y, int n) {
        for (int i = 0; i < n; i++) {
            forward(parameters, x[0][i], y[i]);
        }
    }

    @Override
    default void inputGradient(
            double[] parameters,
            double[][][] x,
            double[][] y,
            double[][] gy,
            double[][][] gx,
            int n) {
        for (int i = 0; i < n; i++) {
            inputGradient(parameters, x[0][i], y[i], gy[i], gx[0][i]);
        }
    }

    @Override
    default void parameterGradient(
            double[][][] x, double[][] gy, double scale, double[] sum, int n) {
        for (int i = 0; i < n; i++) {
            parameterGradient(x[0][i], gy[i], scale, sum);
        }
    }
}
