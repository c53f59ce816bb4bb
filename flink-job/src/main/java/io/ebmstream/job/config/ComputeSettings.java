package io.ebmstream.job.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * What computes, and in which portions.
 *
 * @param executor {@code auto}, {@code onednn}, {@code nd4j} or {@code reference}
 * @param precision {@code auto}, {@code float32} or {@code bf16}
 * @param workers threads of one operator as configured, 0 for automatic
 * @param slice compute between two looks at the mailbox
 * @param seed seed of all randomness
 */
public record ComputeSettings(
        String executor, String precision, int workers, Duration slice, long seed)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Threads of one operator on the machine that asks, at least 1. */
    public int workersHere(int parallelism) {
        return workers > 0
                ? workers
                : Math.max(1, Runtime.getRuntime().availableProcessors() / parallelism);
    }
}
