package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;

/** Counts what was taken of a device's memory against a limit. Thread-safe. */
final class MemoryBudget {
    private final long limit;
    private final String device;
    private long taken;

    /**
     * @param limit bytes, 0 for none
     * @param device for messages
     * @throws IllegalArgumentException if the limit is negative
     */
    MemoryBudget(long limit, String device) {
        if (limit < 0) {
            throw new IllegalArgumentException(
                    "expected a memory limit of at least 0 bytes (0: none), found " + limit);
        }
        this.limit = limit;
        this.device = device;
    }

    /**
     * Takes so many.
     *
     * @throws IllegalArgumentException if it is not positive
     * @throws GpuOutOfMemoryException if the limit has no room; nothing is taken then
     */
    synchronized void take(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("expected at least 1 byte, found " + bytes);
        }
        if (limit > 0 && bytes > limit - taken) {
            throw new GpuOutOfMemoryException(
                    "expected room for "
                            + bytes
                            + " bytes on "
                            + device
                            + ", found "
                            + taken
                            + " of the limit of "
                            + limit
                            + " bytes taken; take a smaller batch or raise the limit");
        }
        taken += bytes;
    }

    /** Gives so many back. */
    synchronized void give(long bytes) {
        taken -= bytes;
    }

    synchronized long taken() {
        return taken;
    }
}
