package io.ebmstream.job.bench;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.local.LocalCluster;
import io.ebmstream.job.local.TopicTail;
import io.ebmstream.ops.energy.ImageShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.io.FileUtils;

/**
 * A broker and a job in this process, and a reader that counts what comes out; their files lie in a
 * folder that goes with them. The broker is up from the beginning, the job from {@link #start}.
 *
 * <p>Counters may be read by any thread, otherwise not thread-safe. Close it.
 */
final class BenchJob implements AutoCloseable {
    private final Path scratch = Files.createTempDirectory("ebm-bench-");
    private final AtomicLong purified = new AtomicLong();
    private final AtomicLong updates = new AtomicLong();
    private final EmbeddedBroker broker;
    private final JobConfig config;
    private LocalCluster cluster;
    private TopicTail tail;

    /**
     * Starts the broker, with the job's topics.
     *
     * @param work what the job computes
     * @param shape shape of the images
     * @param values options beside those of the work
     */
    BenchJob(Workload work, ImageShape shape, Map<String, String> values) throws IOException {
        try {
            broker = EmbeddedBroker.start();
            config = work.config(shape, broker.bootstrapServers(), scratch, values);
            broker.createTopics(JobTopics.of(config, work.workers(), (short) 1));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts the job and the reader. */
    void start() throws Exception {
        cluster = LocalCluster.start(config, scratch);
        tail =
                new TopicTail(
                        "ebm-bench-outputs",
                        broker.bootstrapServers(),
                        false,
                        Map.of(
                                config.topics().purified(), r -> purified.incrementAndGet(),
                                config.topics().diagnostics(), r -> updates.incrementAndGet()));
    }

    /**
     * Looks whether both are well.
     *
     * @throws IllegalStateException if one failed
     */
    void check() {
        cluster.check();
        tail.check();
    }

    JobConfig config() {
        return config;
    }

    LocalCluster cluster() {
        return cluster;
    }

    /** Purified images so far. */
    long purified() {
        return purified.get();
    }

    /** Updates so far. */
    long updates() {
        return updates.get();
    }

    @Override
    @SuppressWarnings("try") // the resources are only closed, whatever the others throw
    public void close() {
        try (EmbeddedBroker last = broker;
                LocalCluster second = cluster;
                TopicTail first = tail) {
            // the reader goes first
        } finally {
            FileUtils.deleteQuietly(scratch.toFile());
        }
    }
}
