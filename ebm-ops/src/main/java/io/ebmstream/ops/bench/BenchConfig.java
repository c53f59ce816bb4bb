package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;

/**
 * What to measure.
 *
 * @param network the network
 * @param batch chains that move together, at least 1
 * @param part images that a worker takes at once; at least 1
 * @param executor the executor
 * @param precision number format, one that the executor has here
 * @param workers threads, at least 1
 * @param seconds how long to measure, above 0; building and warming up come on top
 */
public record BenchConfig(
        Network network,
        int batch,
        int part,
        Executor executor,
        Precision precision,
        int workers,
        double seconds) {
    /** Images that a worker takes at once unless told otherwise. */
    public static final int DEFAULT_PART = 8;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public BenchConfig {
        if (batch < 1 || part < 1 || workers < 1 || !(seconds > 0)) {
            throw new IllegalArgumentException(
                    "expected batch, part and workers of at least 1 and seconds above 0, found "
                            + "batch "
                            + batch
                            + ", part "
                            + part
                            + ", workers "
                            + workers
                            + ", seconds "
                            + seconds);
        }
    }
}
