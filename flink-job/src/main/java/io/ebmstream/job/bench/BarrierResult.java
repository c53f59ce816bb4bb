package io.ebmstream.job.bench;

import java.util.List;

/**
 * What {@link BarrierBench} measured.
 *
 * @param plan what was measured
 * @param compute executor and precision as configured
 * @param checkpoints completed checkpoints that were counted
 * @param failed checkpoints that did not complete
 * @param updates updates of the learner in that time
 * @param purified images purified in that time
 * @param rows the measures
 */
public record BarrierResult(
        BarrierPlan plan,
        String compute,
        int checkpoints,
        int failed,
        long updates,
        long purified,
        List<Row> rows) {
    /**
     * Quantiles of one measure.
     *
     * @param what what was measured, with its unit
     * @param count values
     * @param p50 median
     * @param p90 nine in ten are at most this
     * @param p99 99 in 100 are at most this
     * @param max the largest
     */
    public record Row(String what, int count, long p50, long p90, long p99, long max) {
        /** Of some values; nearest rank. */
        static Row of(String what, List<Long> values) {
            List<Long> sorted = values.stream().sorted().toList();
            return new Row(
                    what,
                    sorted.size(),
                    at(sorted, 0.5),
                    at(sorted, 0.9),
                    at(sorted, 0.99),
                    at(sorted, 1));
        }

        private static long at(List<Long> sorted, double quantile) {
            int rank = (int) Math.ceil(quantile * sorted.size());
            return sorted.isEmpty() ? 0 : sorted.get(Math.max(1, rank) - 1);
        }
    }
}
