package io.ebmstream.ops.quality;

/**
 * Can a classifier tell two sets apart (Lopez-Paz, Oquab 2017, arXiv 1610.06545)? Logistic
 * regression with a ridge penalty, fitted on every other row by gradient descent from 0, tested on
 * the rest. Even rows train and odd rows test, so rows should be in random order.
 *
 * <p>Linear on purpose: it is deterministic, needs few rows, and the features do the rest. A test
 * that finds nothing has not shown that the sets are alike.
 *
 * @param accuracy share of the tested rows that were told right; 0.5 for sets that are alike
 * @param error standard error of the accuracy under the hypothesis that they are alike, 0.5 /
 *     sqrt(n)
 */
public record TwoSampleClassifier(double accuracy, double error) {
    private static final int ITERATIONS = 200;
    private static final double RIDGE = 1e-2;

    /** How many standard errors the accuracy lies above chance. */
    public double zScore() {
        return (accuracy - 0.5) / error;
    }

    /**
     * Runs the test on features that are scaled to about variance 1 ({@link FeatureScale}).
     *
     * @param x one row for each image
     * @param y as many rows
     * @throws IllegalArgumentException unless both have the same, even number of rows, at least 4
     */
    public static TwoSampleClassifier of(float[][] x, float[][] y) {
        if (x.length != y.length || x.length < 4 || x.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "expected two sets of the same even number of rows, at least 4, found "
                            + x.length
                            + " and "
                            + y.length);
        }
        int length = x[0].length;
        double[] weights = new double[length + 1];
        double[] gradient = new double[length + 1];
        // The logistic loss has curvature of at most |row|^2 / 4: this rate cannot overshoot.
        double rate = 1 / (meanSquare(x, y) / 4 + RIDGE);
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            for (int j = 0; j < length; j++) {
                gradient[j] = RIDGE * weights[j];
            }
            gradient[length] = 0;
            for (int i = 0; i < x.length; i += 2) {
                add(gradient, x[i], (probability(weights, x[i]) - 1) / x.length);
                add(gradient, y[i], probability(weights, y[i]) / x.length);
            }
            for (int j = 0; j <= length; j++) {
                weights[j] -= rate * gradient[j];
            }
        }
        int right = 0;
        for (int i = 1; i < x.length; i += 2) {
            right += score(weights, x[i]) > 0 ? 1 : 0;
            right += score(weights, y[i]) < 0 ? 1 : 0;
        }
        return new TwoSampleClassifier((double) right / x.length, 0.5 / Math.sqrt(x.length));
    }

    private static double meanSquare(float[][] x, float[][] y) {
        double sum = 0;
        float[] zero = new float[x[0].length];
        for (int i = 0; i < x.length; i++) {
            sum += Distances.squared(x[i], zero) + Distances.squared(y[i], zero);
        }
        return sum / (2 * x.length) + 1;
    }

    private static double score(double[] weights, float[] row) {
        double sum = weights[row.length];
        for (int j = 0; j < row.length; j++) {
            sum += weights[j] * row[j];
        }
        return sum;
    }

    private static double probability(double[] weights, float[] row) {
        return 1 / (1 + Math.exp(-score(weights, row)));
    }

    private static void add(double[] gradient, float[] row, double factor) {
        for (int j = 0; j < row.length; j++) {
            gradient[j] += factor * row[j];
        }
        gradient[row.length] += factor;
    }
}
