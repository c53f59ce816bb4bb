package io.ebmstream.ops.compute.reference;

/**
 * What one node computes, and its gradients, in double precision. Values are [image][c, h, w], the
 * inputs [input][image][c, h, w]; only the first {@code n} images count.
 */
interface Operation {

    /** Overwrites {@code y} with the node's results. */
    void forward(double[] parameters, double[][][] x, double[][] y, int n);

    /**
     * Adds the gradients by the inputs to {@code gx}, for the inputs and results of the last {@link
     * #forward}.
     *
     * @param gy gradient by the results
     */
    void inputGradient(
            double[] parameters,
            double[][][] x,
            double[][] y,
            double[][] gy,
            double[][][] gx,
            int n);

    /**
     * Adds {@code scale} times the gradient by the node's parameters, summed over images, to the
     * flat vector {@code sum}.
     */
    default void parameterGradient(
            double[][][] x, double[][] gy, double scale, double[] sum, int n) {}
}
