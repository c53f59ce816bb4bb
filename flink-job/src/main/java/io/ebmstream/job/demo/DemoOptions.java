package io.ebmstream.job.demo;

import io.ebmstream.ops.image.ImageDataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a demo is to do.
 *
 * @param updates learner updates after which it ends; 0 where time decides
 * @param time time after which it ends; zero where updates decide
 * @param out folder of its files
 * @param seed seed of everything
 * @param executor executor of the network
 * @param precision number format
 * @param parallelism parallel subtasks, and streams that the images are dealt to
 * @param corrupted share of good images that are damaged, 0 to 1
 * @param boardPort port of its board, 0 for a free one; empty for no board
 * @param keepBoard whether broker, job and board go on after the end until it is stopped
 * @param drift images that the feed changes to half-way; null for none
 * @param overrides configuration keys that win over the demo's
 */
public record DemoOptions(
        long updates,
        Duration time,
        Path out,
        long seed,
        String executor,
        String precision,
        int parallelism,
        double corrupted,
        OptionalInt boardPort,
        boolean keepBoard,
        ImageDataset drift,
        Map<String, String> overrides) {
    /**
     * @throws IllegalArgumentException unless exactly one of updates and time is given, and if a
     *     board is to be kept where there is none
     */
    public DemoOptions {
        if (updates < 0 || time.isNegative() || (updates == 0) == time.isZero()) {
            throw new IllegalArgumentException(
                    "expected either a number of updates or a time, found updates "
                            + updates
                            + " and time "
                            + time);
        }
        if (keepBoard && boardPort.isEmpty()) {
            throw new IllegalArgumentException("expected a board to keep, found none");
        }
        overrides = Map.copyOf(overrides);
    }
}
