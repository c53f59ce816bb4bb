package io.ebmstream.ops.bench;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Medians of readings. */
final class Medians {
    private Medians() {}

    static double of(List<Double> values) {
        return of(values.stream().mapToDouble(Double::doubleValue));
    }

    /** Median of a[i] / b[i]. */
    static double ofRatios(List<Double> a, List<Double> b) {
        return of(IntStream.range(0, a.size()).mapToDouble(i -> a.get(i) / b.get(i)));
    }

    private static double of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
