package io.ebmstream.job.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * What computes, and in which portions.
 *
 * @param executor {@code auto}, {@code onednn}, {@code nd4j}, {@code reference} or {@code cuda}
 * @param precision {@code auto}, {@code float32}, {@code tf32} or {@code bf16}
 * @param gpuResource name of Flink's external resource that holds GPUs
 * @param gpuMemory most bytes of a GPU's memory for tensors, 0 for no limit
 * @param slice compute between two looks at the mailbox
 * @param seed seed of all randomness
 */
public record ComputeSettings(
        String executor,
        String precision,
        String gpuResource,
        long gpuMemory,
        Duration slice,
        long seed)
        implements Serializable {
    private static final long serialVersionUID = 1L;
}
