package io.ebmstream.ops.density;

/** An energy whose exponential is an unnormalised density: E(x) with its gradient. */
@FunctionalInterface
public interface EnergyFunction {
    /**
     * @param points n points of d coordinates each, row after row; not changed
     * @param n number of points, at least 1
     * @param energies receives E(x_i) at index i
     * @param gradients receives the gradient of E at x_i, row after row
     */
    void evaluate(float[] points, int n, double[] energies, float[] gradients);
}
