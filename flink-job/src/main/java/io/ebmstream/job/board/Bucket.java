package io.ebmstream.job.board;

import java.util.ArrayList;
import java.util.List;

/** What happened within a stretch of time, as one point of a chart. Not thread-safe. */
abstract class Bucket {
    private static final int DIGITS = 5;

    private final long start;
    private long changed;

    /**
     * @param start its beginning, milliseconds since 1970-01-01 UTC
     */
    Bucket(long start) {
        this.start = start;
    }

    /** Milliseconds since 1970-01-01 UTC. */
    final long start() {
        return start;
    }

    /** Number of the change that touched it last. */
    final long changed() {
        return changed;
    }

    final void changed(long number) {
        changed = number;
    }

    /** Its values, those of a chart's columns after the time. */
    abstract double[] values();

    /** Time in seconds and values; what is not finite is null. */
    final List<Double> row() {
        double[] values = values();
        List<Double> row = new ArrayList<>(values.length + 1);
        row.add(start / 1e3);
        for (double value : values) {
            row.add(rounded(value));
        }
        return row;
    }

    /** To {@value #DIGITS} significant digits, more than a chart shows; null if not finite. */
    static Double rounded(double value) {
        if (!Double.isFinite(value)) {
            return null;
        }
        if (value == 0) {
            return 0.0;
        }
        double scale = Math.pow(10, DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))));
        double rounded = Math.rint(value * scale) / scale;
        // of values near the ends of a double's range the scale is none
        return Double.isFinite(rounded) ? rounded : Double.valueOf(value);
    }
}
