package io.ebmstream.ops.compute.cuda;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How batches are cut.
 *
 * @param images most images of a micro-batch, at least 1
 * @param lanes most micro-batches at a time, at least 1
 * @param splits counts how often a lack of memory made micro-batches smaller
 */
record Micro(int images, int lanes, AtomicLong splits) {
    /**
     * @throws IllegalArgumentException if a number is below 1
     */
    Micro {
        if (images < 1 || lanes < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 image and 1 lane, found " + images + " and " + lanes);
        }
    }
}
