package io.ebmstream.job.bench;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What {@link PipelineBench} measured; medians over rounds.
 *
 * @param plan what was measured
 * @param compute executor and precision, for example {@code onednn/bf16}
 * @param streamed images per second through Kafka and Flink
 * @param bare images per second of the loop
 * @param ratio median of the rounds' ratios
 * @param rounds the rounds
 */
public record PipelineResult(
        PipelinePlan plan,
        String compute,
        double streamed,
        double bare,
        double ratio,
        List<PipelineRound> rounds) {

    static PipelineResult of(PipelinePlan plan, String compute, List<PipelineRound> rounds) {
        return new PipelineResult(
                plan,
                compute,
                median(rounds, PipelineRound::streamed),
                median(rounds, PipelineRound::bare),
                median(rounds, PipelineRound::ratio),
                List.copyOf(rounds));
    }

    private static double median(
            List<PipelineRound> rounds, ToDoubleFunction<PipelineRound> value) {
        double[] sorted =
                rounds.stream()
                        .sorted(Comparator.comparingDouble(value))
                        .mapToDouble(value)
                        .toArray();
        int n = sorted.length;
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
