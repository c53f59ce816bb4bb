package io.ebmstream.ops.guard;

import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.Arrays;

/**
 * The last values of one number, and what is typical of them. Not thread-safe.
 *
 * <p>Median and median absolute deviation stand a few wild values, which a mean and a standard
 * deviation would not.
 */
final class UpdateWindow {
    private final double[] values;
    private long count;

    UpdateWindow(int capacity) {
        values = new double[capacity];
    }

    void add(double value) {
        values[(int) (count % values.length)] = value;
        count++;
    }

    int size() {
        return (int) Math.min(count, values.length);
    }

    void clear() {
        count = 0;
        Arrays.fill(values, 0);
    }

    /** Value added {@code ago} values before the last one. */
    double last(int ago) {
        return values[(int) ((count - 1 - ago) % values.length)];
    }

    /** Mean of values, the last left out by {@code from} and before that {@code length} taken. */
    double mean(int from, int length) {
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += last(i);
        }
        return sum / length;
    }

    double median() {
        return median(ordered());
    }

    /** Median of |value - median|, not scaled to a standard deviation. */
    double deviation() {
        double[] copy = Arrays.copyOf(values, size());
        double middle = median();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = Math.abs(copy[i] - middle);
        }
        Arrays.sort(copy);
        return median(copy);
    }

    /** The value that a share of all lies at or below. */
    double quantile(double share) {
        double[] sorted = ordered();
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
    }

    /** Correlation between one value and the next; 0 where nothing varies. */
    double autocorrelation() {
        int n = size();
        double mean = mean(0, n);
        double products = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double deviation = last(i) - mean;
            squares += deviation * deviation;
            if (i + 1 < n) {
                products += deviation * (last(i + 1) - mean);
            }
        }
        return squares > 0 ? products / squares : 0;
    }

    private double[] ordered() {
        double[] copy = Arrays.copyOf(values, size());
        Arrays.sort(copy);
        return copy;
    }

    private static double median(double[] sorted) {
        int n = sorted.length;
        return n == 0 ? Double.NaN : 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
    }

    void write(StateWriter writer) {
        writer.putLong(count);
        for (double value : values) {
            writer.putDouble(value);
        }
    }

    void read(StateReader reader) {
        count = reader.nextLong();
        for (int i = 0; i < values.length; i++) {
            values[i] = reader.nextDouble();
        }
    }
}
