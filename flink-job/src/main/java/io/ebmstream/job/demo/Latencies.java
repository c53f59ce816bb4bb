package io.ebmstream.job.demo;

import java.util.Arrays;

/** Latencies in milliseconds, all kept, so that quantiles are exact. Not thread-safe. */
final class Latencies {
    private long[] values = new long[1024];
    private int count;

    void add(long millis) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = millis;
    }

    /** The smallest value that at least the share q of all do not exceed; NaN without any. */
    double quantile(double q) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(q * count) - 1)];
    }
}
