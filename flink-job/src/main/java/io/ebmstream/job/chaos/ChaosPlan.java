package io.ebmstream.job.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What {@link Chaos} does.
 *
 * @param kills how often the job is killed, at least 1
 * @param images images that are fed, at least 1 for each kill
 * @param brokerEvery kills between two of the broker, at least 1
 * @param longest longest time from a start to a kill
 * @param seed of the moments and of the parallelism
 * @param lockstep whether versions are a function of an image's place
 * @param out folder for logs and the report, new or empty
 * @param overrides options of the job, over those of the run
 */
public record ChaosPlan(
        int kills,
        int images,
        int brokerEvery,
        Duration longest,
        long seed,
        boolean lockstep,
        Path out,
        Map<String, String> overrides) {
    /**
     * @throws IllegalArgumentException if a number is out of range
     */
    public ChaosPlan {
        if (kills < 1 || images < kills || brokerEvery < 1 || longest.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 kill, 1 image for each, 1 kill between two of the broker"
                            + " and a longest time above 0, found "
                            + kills
                            + " kills, "
                            + images
                            + " images, "
                            + brokerEvery
                            + " kills and "
                            + longest);
        }
        overrides = Map.copyOf(overrides);
    }
}
