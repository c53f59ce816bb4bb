package io.ebmstream.ops.density;

/**
 * The sum of two energies of the same points, as of a model and its prior: E(x) = E1(x) + E2(x).
 * Not thread-safe. Both stay the caller's.
 */
public final class EnergySum implements EnergyFunction {
    private final EnergyFunction first;
    private final EnergyFunction second;
    private double[] more = new double[0];
    private float[] slopes = new float[0];

    public EnergySum(EnergyFunction first, EnergyFunction second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public void evaluate(float[] points, int n, double[] energies, float[] gradients) {
        if (more.length < n || slopes.length < gradients.length) {
            more = new double[n];
            slopes = new float[gradients.length];
        }
        first.evaluate(points, n, energies, gradients);
        second.evaluate(points, n, more, slopes);
        for (int i = 0; i < n; i++) {
            energies[i] += more[i];
        }
        for (int j = 0; j < gradients.length; j++) {
            gradients[j] += slopes[j];
        }
    }
}
