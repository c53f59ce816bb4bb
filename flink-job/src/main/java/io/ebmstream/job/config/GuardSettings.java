package io.ebmstream.job.config;

import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.Schedule;
import java.io.Serializable;

/**
 * Guard rails of learning, as {@link GuardConfig} has them. What is not here has its default for
 * the way in which chains start.
 *
 * @param enabled whether they look and act at all
 * @param window updates in the trailing window
 * @param warmup updates before most of them are armed
 * @param deviations |d| in median absolute deviations that is far from 0
 * @param rhoHigh rho that is warned of when it lasts
 * @param rhoLost rho that rolls back when it lasts
 * @param lostShare share of chains out of range that rolls back when it lasts
 * @param pointEvery updates between two states kept to roll back to
 * @param points states kept
 * @param maxRollBacks roll-backs after which learning freezes
 */
public record GuardSettings(
        boolean enabled,
        int window,
        int warmup,
        double deviations,
        double rhoHigh,
        double rhoLost,
        double lostShare,
        int pointEvery,
        int points,
        int maxRollBacks)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * The rails' configuration.
     *
     * @throws IllegalArgumentException if values do not fit one another
     */
    public GuardConfig toConfig(LearnerSettings learner) {
        GuardConfig start =
                GuardConfig.of(learner.start(), Schedule.parse(learner.rejuvenation()).at(0));
        return start.withEnabled(enabled)
                .withWindows(window, warmup)
                .withDifference(deviations, start.run(), start.boost())
                .withRho(rhoHigh, rhoLost)
                .withLostShare(lostShare)
                .withRollBacks(pointEvery, points, maxRollBacks);
    }
}
