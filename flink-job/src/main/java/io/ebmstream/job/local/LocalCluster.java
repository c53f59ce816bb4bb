package io.ebmstream.job.local;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.topology.EbmTopology;
import io.ebmstream.job.topology.FlinkDefaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointFailureManager;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.rpc.RpcEndpoint;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Flink cluster in this JVM with the job in it. Thread-safe. */
public final class LocalCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
    private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(20);

    private static final long POLL_MILLIS = 100;

    private final MiniCluster cluster;
    private final JobID job;
    private final CompletableFuture<JobResult> result;

    private LocalCluster(MiniCluster cluster, JobID job) {
        this.cluster = cluster;
        this.job = job;
        this.result = cluster.requestJobResult(job);
    }

    /**
     * Starts a cluster and submits the job.
     *
     * @param scratch folder for working state
     */
    public static LocalCluster start(JobConfig config, Path scratch) throws Exception {
        Configuration flink = new Configuration();
        flink.set(RestOptions.BIND_PORT, "0");
        flink.set(CoreOptions.TMP_DIRS, scratch.toString());
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        flink.addAll(FlinkDefaults.of(config));
        int slots = config.runtime().parallelism();
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(flink)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(slots)
                                .build());
        cluster.start();
        try {
            StreamExecutionEnvironment env = new StreamExecutionEnvironment(flink);
            EbmTopology.build(env, config);
            JobGraph graph = env.getStreamGraph().getJobGraph(LocalCluster.class.getClassLoader());
            cluster.submitJob(graph).get(1, TimeUnit.MINUTES);
            return new LocalCluster(cluster, graph.getJobID());
        } catch (Exception e) {
            stop(cluster);
            throw e;
        }
    }

    /**
     * @throws IllegalStateException if the job has ended, with the reason
     */
    public void check() {
        if (!result.isDone()) {
            return;
        }
        Throwable cause =
                result.handle((r, e) -> e != null ? e : r.getSerializedThrowable().orElse(null))
                        .join();
        throw new IllegalStateException(
                "expected the job to run, found it ended: "
                        + (cause == null ? "without an error" : root(cause)),
                cause);
    }

    /** Whether every task of the job runs, its network built. */
    public boolean running() throws InterruptedException {
        try {
            for (AccessExecutionVertex vertex :
                    cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
                if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                    return false;
                }
            }
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot ask Flink for the job's tasks", e);
        }
    }

    /**
     * Waits until every task runs.
     *
     * @param stopped ends the wait early
     * @throws IllegalStateException if the job has ended, or takes too long
     */
    public void awaitRunning(Duration patience, BooleanSupplier stopped)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!stopped.getAsBoolean() && !running()) {
            check();
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "expected the job to run within "
                                + patience.toSeconds()
                                + " s, found tasks that do not");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Takes a checkpoint now and waits for it: what is behind it becomes visible. */
    public void checkpoint(Duration timeout) throws InterruptedException {
        try {
            cluster.triggerCheckpoint(job).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // the next periodic one will do
            LOG.info("a checkpoint at the end did not complete", e);
        }
    }

    /**
     * A checkpoint of the job.
     *
     * @param stats what Flink says about it
     * @param names names of the tasks
     */
    public record CheckpointOfJob(AbstractCheckpointStats stats, Map<JobVertexID, String> names) {}

    /** The checkpoints that Flink remembers, with the figures of each subtask. */
    public List<CheckpointOfJob> checkpoints() throws InterruptedException {
        try {
            AccessExecutionGraph graph = cluster.getExecutionGraph(job).get();
            Map<JobVertexID, String> names = new HashMap<>();
            graph.getAllVertices().forEach((id, vertex) -> names.put(id, vertex.getName()));
            return graph.getCheckpointStatsSnapshot().getHistory().getCheckpoints().stream()
                    .map(stats -> new CheckpointOfJob(stats, names))
                    .toList();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot ask Flink for the job's checkpoints", e);
        }
    }

    /** Restarts of the job so far: the highest attempt number of its tasks, 0 for the first. */
    public long restarts() throws InterruptedException {
        try {
            long restarts = 0;
            for (AccessExecutionVertex vertex :
                    cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
                restarts =
                        Math.max(restarts, vertex.getCurrentExecutionAttempt().getAttemptNumber());
            }
            return restarts;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot ask Flink for the job's attempts", e);
        }
    }

    /** Cancels the job and stops the cluster. */
    @Override
    public void close() {
        // a checkpoint that is under way is given up with the job: no news, and a long trace
        Configurator.setLevel(CheckpointFailureManager.class, Level.ERROR);
        // so are calls that still come for a job manager that has ended
        Configurator.setLevel(RpcEndpoint.class.getName() + "$MainThreadExecutor", Level.ERROR);
        try {
            if (!result.isDone()) {
                cluster.cancelJob(job).get(CANCEL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
                result.get(CANCEL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the job did not cancel cleanly", e);
        } finally {
            stop(cluster);
        }
    }

    private static void stop(MiniCluster cluster) {
        try {
            cluster.closeAsync().get(CANCEL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the cluster did not stop cleanly", e);
        }
    }

    private static String root(Throwable e) {
        Throwable at = e;
        while (at.getCause() != null && at.getCause() != at) {
            at = at.getCause();
        }
        return at.getMessage() == null ? at.toString() : at.getMessage();
    }
}
