package io.ebmstream.job.config;

import io.ebmstream.job.learn.GateSetup;
import io.ebmstream.ops.guard.GuardConfig;
import java.io.Serializable;

/**
 * The promotion gate: what a version must show before it is published.
 *
 * @param enabled whether versions are examined at all
 * @param warmup updates before a version is examined for more than being finite
 * @param spread factor by which the spread of anchor energies may change
 * @param separation spreads between the mean energies of chains and anchors
 * @param motion distance that a short run moves anchors, against its noise alone
 * @param refusals versions refused in a row after which learning goes back
 */
public record GateSettings(
        boolean enabled, int warmup, double spread, double separation, double motion, int refusals)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * Null where nothing is examined. The share of chains out of range is that of the guard rails,
     * and unlimited for starts that are wild by nature.
     */
    public GateSetup toSetup(GuardSettings guard, LearnerSettings learner) {
        if (!enabled) {
            return null;
        }
        GuardConfig rails = guard.toConfig(learner);
        return new GateSetup(
                warmup,
                spread,
                separation,
                rails.ownBounds() ? 1 : rails.lostShare(),
                motion,
                refusals);
    }
}
