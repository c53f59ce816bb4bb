package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;

/**
 * What to measure.
 *
 * @param work the kind of work
 * @param name the network's name in reports
 * @param network the network, of an energy
 * @param batch chains that move together, or images on each side of an update; at least 1
 * @param part most images that a worker takes at once; at least 1
 * @param executor the executor
 * @param precision number format, one that the executor has here
 * @param workers threads, at least 1
 */
public record BenchConfig(
        Work work,
        String name,
        Network network,
        int batch,
        int part,
        Executor executor,
        Precision precision,
        int workers) {
    /** Most chains that a worker moves at once unless told otherwise. */
    public static final int LANGEVIN_PART = 8;

    /** Most images in one sum of weight gradients unless told otherwise: every sum costs time. */
    public static final int UPDATE_PART = 32;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public BenchConfig {
        if (batch < 1 || part < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "expected batch, part and workers of at least 1, found batch "
                            + batch
                            + ", part "
                            + part
                            + ", workers "
                            + workers);
        }
        if (!network.isEnergy()) {
            throw new IllegalArgumentException(
                    "expected a network whose output is an energy, found "
                            + network
                            + " with output "
                            + network.output());
        }
    }

    /** What {@code part} is unless told otherwise. */
    public static int defaultPart(Work work) {
        return work == Work.LANGEVIN ? LANGEVIN_PART : UPDATE_PART;
    }

    /** Images that a worker takes at once: no more than leave work for every worker. */
    int usedPart() {
        return Math.min(part, (batch + workers - 1) / workers);
    }
}
