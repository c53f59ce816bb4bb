package io.ebmstream.job.topology;

import io.ebmstream.job.config.JobConfig;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/** What the job sets in Flink; the user's own Flink keys win. */
public final class FlinkDefaults {
    private FlinkDefaults() {}

    /**
     * Flink's configuration for a job, for its environment and, where it has a cluster of its own,
     * for that.
     */
    public static Configuration of(JobConfig config) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.NAME, config.runtime().jobName());
        flink.set(PipelineOptions.MAX_PARALLELISM, config.runtime().maxParallelism());
        // every type has a serializer of its own: none falls back to a slow generic one unseen
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        // records between chained operators are immutable
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        flink.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL, config.runtime().checkpointInterval());
        flink.set(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                CheckpointingMode.EXACTLY_ONCE);
        // images queue before slow operators: an aligned barrier would wait behind all of them
        flink.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        flink.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        if (!config.runtime().checkpointDir().isEmpty()) {
            flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, config.runtime().checkpointDir());
        }
        config.runtime().flink().forEach(flink::setString);
        return flink;
    }
}
