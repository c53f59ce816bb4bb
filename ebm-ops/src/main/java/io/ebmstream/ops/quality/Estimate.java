package io.ebmstream.ops.quality;

import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;

/**
 * A measured value with its uncertainty.
 *
 * @param value the value
 * @param error its standard error
 */
public record Estimate(double value, double error) {
    private static final double NORMAL_95 = 1.96;

    /** Lower end of the 95 % interval. */
    public double low() {
        return value - NORMAL_95 * error;
    }

    /** Upper end of the 95 % interval. */
    public double high() {
        return value + NORMAL_95 * error;
    }

    /**
     * Mean over blocks of both sets in their order, with the standard error of that mean.
     *
     * @throws IllegalArgumentException unless both sets fill at least two blocks
     */
    static Estimate ofBlocks(
            float[][] x, float[][] y, int block, ToDoubleBiFunction<float[][], float[][]> measure) {
        int blocks = Math.min(x.length, y.length) / Math.max(block, 1);
        if (block < 2 || blocks < 2) {
            throw new IllegalArgumentException(
                    "expected blocks of at least 2 rows and at least two of them in each set, found"
                            + " blocks of "
                            + block
                            + " for "
                            + x.length
                            + " and "
                            + y.length
                            + " rows");
        }
        double[] values = new double[blocks];
        for (int b = 0; b < blocks; b++) {
            values[b] =
                    measure.applyAsDouble(
                            Arrays.copyOfRange(x, b * block, (b + 1) * block),
                            Arrays.copyOfRange(y, b * block, (b + 1) * block));
        }
        return ofValues(values);
    }

    /** Mean of independent values, at least 2, with its standard error. */
    static Estimate ofValues(double[] values) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return new Estimate(mean, Math.sqrt(squares / (n - 1) / n));
    }

    /**
     * Mean of estimates that measured the same images: their errors are not independent, and do not
     * shrink with their number.
     */
    static Estimate mean(Estimate[] estimates) {
        double sum = 0;
        double squares = 0;
        for (Estimate estimate : estimates) {
            sum += estimate.value / estimates.length;
            squares += estimate.error * estimate.error / estimates.length;
        }
        return new Estimate(sum, Math.sqrt(squares));
    }
}
