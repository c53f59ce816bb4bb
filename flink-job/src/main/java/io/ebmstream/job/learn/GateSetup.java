package io.ebmstream.job.learn;

import io.ebmstream.ops.gate.GateConfig;
import java.io.Serializable;

/**
 * The promotion gate of a learner, as {@link GateConfig} has it.
 *
 * @param warmup updates before a version is examined for more than being finite
 * @param spread factor by which the spread of anchor energies may change
 * @param separation spreads between the mean energies of chains and anchors
 * @param lostShare share of chains out of range
 * @param motion distance that a short run moves anchors, against its noise alone
 * @param refusals versions refused in a row after which learning goes back to the last one that
 *     passed; 0 for never
 */
public record GateSetup(
        int warmup, double spread, double separation, double lostShare, double motion, int refusals)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public GateSetup {
        new GateConfig(warmup, spread, separation, lostShare, motion);
        if (refusals < 0) {
            throw new IllegalArgumentException(
                    "expected refusals of at least 0, found " + refusals);
        }
    }

    GateConfig toConfig() {
        return new GateConfig(warmup, spread, separation, lostShare, motion);
    }
}
