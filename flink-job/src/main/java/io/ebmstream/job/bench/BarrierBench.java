package io.ebmstream.job.bench;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.local.LocalCluster;
import io.ebmstream.ops.image.ImageDataset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.checkpoint.SubtaskStateStats;
import org.apache.flink.runtime.checkpoint.TaskStateStats;

/**
 * How long checkpoint barriers wait while a job learns and purifies at full load: learner and
 * purifiers have full queues all the time, and a checkpoint begins every second. The delay of a
 * subtask is Flink's checkpoint start delay, from the coordinator's trigger to the moment the
 * subtask begins its snapshot, as Flink reports it for every subtask and checkpoint.
 *
 * <p>Not thread-safe.
 */
public final class BarrierBench {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final long POLL_MILLIS = 50;

    /** Images that wait in the topic; many times what queues hold. */
    private static final int BACKLOG = 4_000;

    private final BarrierPlan plan;
    private final ImageDataset images;

    /**
     * @param plan what to measure
     * @param images what is learned and purified, over and over
     */
    public BarrierBench(BarrierPlan plan, ImageDataset images) {
        this.plan = plan;
        this.images = images;
    }

    /**
     * Measures.
     *
     * @throws IllegalStateException if the job fails, or learned or purified nothing
     */
    public BarrierResult run() throws Exception {
        Workload work = plan.work();
        try (BenchJob job = new BenchJob(work, images.image(0).shape(), values());
                Backlog load = new Backlog(job.config(), work.workers(), images, false)) {
            job.start();
            job.cluster().awaitRunning(PATIENCE, () -> false);
            Runnable keepUp =
                    () -> {
                        job.check();
                        load.fill(job.purified() + BACKLOG);
                    };
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (job.updates() == 0 || job.purified() == 0) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "expected the job to learn and to purify, found "
                                    + job.updates()
                                    + " updates and "
                                    + job.purified()
                                    + " images");
                }
                keepUp.run();
                Thread.sleep(POLL_MILLIS);
            }
            wait(plan.warmUp(), keepUp);
            long from = System.currentTimeMillis();
            long purifiedBefore = job.purified();
            long updatesBefore = job.updates();
            wait(plan.seconds(), keepUp);
            return result(
                    job.config(),
                    job.cluster(),
                    from,
                    job.updates() - updatesBefore,
                    job.purified() - purifiedBefore);
        }
    }

    private static void wait(double seconds, Runnable keepUp) throws InterruptedException {
        long end = System.nanoTime() + (long) (1e9 * seconds);
        while (System.nanoTime() < end) {
            keepUp.run();
            Thread.sleep(POLL_MILLIS);
        }
    }

    private BarrierResult result(
            JobConfig config, LocalCluster cluster, long from, long updates, long purified)
            throws InterruptedException {
        Map<String, List<Long>> delays = new HashMap<>();
        List<Long> all = new ArrayList<>();
        List<Long> synchronous = new ArrayList<>();
        List<Long> durations = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        int failed = 0;
        for (LocalCluster.CheckpointOfJob checkpoint : cluster.checkpoints()) {
            AbstractCheckpointStats stats = checkpoint.stats();
            if (stats.getTriggerTimestamp() < from) {
                continue;
            }
            failed += stats.getStatus() == CheckpointStatsStatus.FAILED ? 1 : 0;
            if (stats.getStatus() != CheckpointStatsStatus.COMPLETED) {
                continue;
            }
            durations.add(stats.getEndToEndDuration());
            sizes.add(stats.getCheckpointedSize() / 1024);
            for (TaskStateStats task : stats.getAllTaskStateStats()) {
                String name = checkpoint.names().get(task.getJobVertexId());
                for (SubtaskStateStats subtask : task.getSubtaskStats()) {
                    if (subtask != null && subtask.isCompleted()) {
                        all.add(subtask.getCheckpointStartDelay());
                        delays.computeIfAbsent(kind(name), key -> new ArrayList<>())
                                .add(subtask.getCheckpointStartDelay());
                        synchronous.add(subtask.getSyncCheckpointDuration());
                    }
                }
            }
        }
        return new BarrierResult(
                plan,
                config.compute().executor() + "/" + config.compute().precision(),
                durations.size(),
                failed,
                updates,
                purified,
                List.of(
                        row("barrier delay, learner, ms", delays.get("learner")),
                        row("barrier delay, purifiers, ms", delays.get("purifier")),
                        row("barrier delay, all subtasks, ms", all),
                        row("snapshot held up by, all, ms", synchronous),
                        row("checkpoint, end to end, ms", durations),
                        row("checkpoint, written, KiB", sizes)));
    }

    private static BarrierResult.Row row(String what, List<Long> values) {
        return BarrierResult.Row.of(what, values == null ? List.of() : values);
    }

    /** The head of a chain of operators gives its task the name. */
    private static String kind(String task) {
        return task.startsWith("learner") && !task.startsWith("learner-")
                ? "learner"
                : task.startsWith("purifier") && !task.startsWith("purifier-")
                        ? "purifier"
                        : "other";
    }

    private Map<String, String> values() {
        Workload work = plan.work();
        Map<String, String> values = new HashMap<>();
        values.put(EbmOptions.CHECKPOINT_INTERVAL.key(), INTERVAL.toMillis() + " ms");
        values.put(WebOptions.CHECKPOINTS_HISTORY_SIZE.key(), "10000");
        values.put(EbmOptions.LEARNER_STEPS.key(), String.valueOf(work.steps()));
        values.put(EbmOptions.LEARNER_BATCH.key(), String.valueOf(work.batch()));
        values.put(EbmOptions.LEARNER_IMAGES_PER_UPDATE.key(), String.valueOf(work.batch()));
        values.put(EbmOptions.LEARNER_WARMUP.key(), String.valueOf(2 * work.batch()));
        values.put(EbmOptions.LEARNER_QUEUE.key(), String.valueOf(2 * work.batch()));
        return values;
    }
}
