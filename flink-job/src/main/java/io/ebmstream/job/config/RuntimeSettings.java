package io.ebmstream.job.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * How Flink runs the job.
 *
 * @param jobName name of the job
 * @param parallelism parallel subtasks of every operator
 * @param maxParallelism key groups of keyed state
 * @param checkpointInterval time between checkpoints
 * @param checkpointDir where checkpoints go, a URI; empty for Flink's own setting
 * @param flink all keys that are neither {@code ebm.} nor {@code kafka.}, for Flink
 */
public record RuntimeSettings(
        String jobName,
        int parallelism,
        int maxParallelism,
        Duration checkpointInterval,
        String checkpointDir,
        Map<String, String> flink)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public RuntimeSettings {
        flink = Map.copyOf(flink);
    }
}
