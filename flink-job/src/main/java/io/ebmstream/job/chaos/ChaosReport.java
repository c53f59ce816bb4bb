package io.ebmstream.job.chaos;

import java.util.List;

/**
 * What a chaos run found.
 *
 * @param kills how often the job was killed
 * @param brokerKills how often the broker was
 * @param rescalings restarts at another parallelism than before
 * @param images images fed, and so expected once each
 * @param updates updates of the learner
 * @param snapshots versions published
 * @param seconds how long it took, the undisturbed run included
 * @param seed of moments and parallelism
 * @param consistency {@code lockstep} or {@code latest}
 * @param compared {@code undisturbed run} or {@code replay}: what outputs were held against
 * @param violations everything that should not be, empty if all holds
 * @param history the kills
 */
public record ChaosReport(
        int kills,
        int brokerKills,
        int rescalings,
        long images,
        long updates,
        long snapshots,
        double seconds,
        long seed,
        String consistency,
        String compared,
        List<String> violations,
        List<ChaosKill> history) {
    public ChaosReport {
        violations = List.copyOf(violations);
        history = List.copyOf(history);
    }
}
