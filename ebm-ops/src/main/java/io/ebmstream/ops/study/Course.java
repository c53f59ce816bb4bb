package io.ebmstream.ops.study;

import io.ebmstream.ops.learner.UpdateInfo;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The second half of a training run in figures (the first is still on its way).
 *
 * @param meanDifference mean of d, the energy difference in units of T
 * @param deviation standard deviation of d
 * @param autocorrelation of d at lag 1
 * @param rho mean of rho, the gradient's share in a step
 * @param millis median compute time of an update
 */
public record Course(
        double meanDifference,
        double deviation,
        double autocorrelation,
        double rho,
        double millis) {

    static Course of(List<UpdateInfo> updates) {
        List<UpdateInfo> half = updates.subList(updates.size() / 2, updates.size());
        double mean = mean(half, UpdateInfo::energyDifference);
        double variance = mean(half, u -> Math.pow(u.energyDifference() - mean, 2));
        double lagged = 0;
        for (int i = 1; i < half.size(); i++) {
            lagged +=
                    (half.get(i - 1).energyDifference() - mean)
                            * (half.get(i).energyDifference() - mean);
        }
        double[] millis = half.stream().mapToDouble(UpdateInfo::millis).sorted().toArray();
        return new Course(
                mean,
                Math.sqrt(variance),
                lagged / (half.size() * variance),
                mean(half, UpdateInfo::rho),
                millis[millis.length / 2]);
    }

    private static double mean(List<UpdateInfo> updates, ToDoubleFunction<UpdateInfo> value) {
        return updates.stream().mapToDouble(value).average().orElseThrow();
    }
}
