package io.ebmstream.job.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.local.TopicTail;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;

/**
 * One run of the job: a broker in a process, the job in another, images in and committed outputs
 * out. Not thread-safe. Close it to end its processes.
 */
final class ChaosRun implements AutoCloseable {
    static final int PARTITIONS = 2;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long POLL_MILLIS = 100;
    private static final String BROKER_HEAP = "512m";
    private static final String JOB_HEAP = "768m";

    private final ChaosPlan plan;
    private final Path folder;
    private final ImageShape shape;
    private final int[] ports = EmbeddedBroker.freePorts(2);
    private final ChaosFeed feed;
    private final Outputs outputs = new Outputs();
    private final JobConfig config;
    private ChildProcess broker;
    private ChildProcess job;
    private TopicTail tail;
    private int starts;
    private int parallelism;
    private String restored = "";

    /**
     * @param folder for the broker's records, checkpoints and logs; made here
     */
    ChaosRun(ChaosPlan plan, ImageDataset images, Path folder) throws IOException {
        this.plan = plan;
        this.folder = Files.createDirectories(folder);
        this.shape = images.shape();
        this.feed = new ChaosFeed(images, PARTITIONS);
        this.config = JobConfig.of(values(1, Optional.empty()));
    }

    /** Starts the broker, and makes the topics the first time. */
    void startBroker() throws Exception {
        broker =
                ChildProcess.start(
                        "the broker",
                        BrokerChild.class,
                        BROKER_HEAP,
                        folder.resolve("broker.log"),
                        List.of(
                                folder.resolve("broker").toString(),
                                String.valueOf(ports[0]),
                                String.valueOf(ports[1])));
        broker.awaitReady(PATIENCE, () -> false);
        if (tail == null) {
            try (Admin admin = Admin.create(config.kafka().properties())) {
                TopicCheck.create(admin, JobTopics.of(topics(), PARTITIONS, (short) 1));
            } catch (ExecutionException e) {
                throw new IllegalStateException("the topics could not be made", e.getCause());
            }
            tail =
                    new TopicTail(
                            "chaos-outputs",
                            config.kafka().bootstrap(),
                            true,
                            Map.of(
                                    topics().purified(),
                                    outputs::purified,
                                    topics().snapshots(),
                                    outputs::snapshot,
                                    topics().deadLetters(),
                                    r -> outputs.deadLetter(),
                                    topics().diagnostics(),
                                    r -> outputs.update()));
        }
    }

    /** SIGKILL for the broker, and a new one on its records. */
    void restartBroker() throws Exception {
        broker.kill();
        startBroker();
    }

    /** Starts the job from the newest checkpoint there is; does not wait. */
    void startJob(int withParallelism) throws IOException {
        parallelism = withParallelism;
        Optional<Path> checkpoint = Checkpoints.newest(folder.resolve("checkpoints"));
        restored = checkpoint.map(c -> folder.relativize(c).toString()).orElse("");
        Path file = folder.resolve("job.yaml");
        // JSON is YAML
        new ObjectMapper().writeValue(file.toFile(), values(parallelism, checkpoint));
        Path scratch = Files.createDirectories(folder.resolve("scratch-" + ++starts));
        job =
                ChildProcess.start(
                        "the job",
                        JobChild.class,
                        JOB_HEAP,
                        folder.resolve("job-" + starts + ".log"),
                        List.of(file.toString(), scratch.toString()));
    }

    /** SIGKILL for the job. */
    void killJob() throws InterruptedException {
        job.kill();
    }

    boolean running() {
        return job.ready();
    }

    void feedUntil(long images) throws InterruptedException {
        feed.sendUntil(config.kafka().properties(), topics().images(), images);
    }

    /**
     * Works for a while, and looks that nothing has ended by itself.
     *
     * @param mustLive whether the job may not end either
     */
    void work(long millis, boolean mustLive, BooleanSupplier stopped) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() < end && !stopped.getAsBoolean()) {
            tail.check();
            broker.check();
            if (mustLive) {
                job.check();
            }
            Thread.sleep(Math.max(1, Math.min(POLL_MILLIS, (end - System.nanoTime()) / 1_000_000)));
        }
    }

    /**
     * Waits until everything that was fed is committed.
     *
     * @throws IllegalStateException if the job has ended or stands still
     */
    void awaitAll() throws InterruptedException {
        long changed = System.nanoTime();
        String last = "";
        while (outputs.purifiedCount() < plan.images() || outputs.updateCount() < updatesDue()) {
            check();
            String now =
                    outputs.purifiedCount()
                            + " of "
                            + plan.images()
                            + " images and "
                            + outputs.updateCount()
                            + " of "
                            + updatesDue()
                            + " updates";
            if (!now.equals(last)) {
                last = now;
                changed = System.nanoTime();
            }
            if (System.nanoTime() - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "expected the job to go on, found "
                                + now
                                + " for "
                                + PATIENCE.toSeconds()
                                + " s; see "
                                + folder.resolve("job-" + starts + ".log"));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Updates that the images are enough for: the first when the replay buffer is warm. */
    long updatesDue() {
        long beyondWarmup = plan.images() - config.learner().warmup();
        return beyondWarmup < 0 ? 0 : 1 + beyondWarmup / config.learner().imagesPerUpdate();
    }

    Outputs outputs() {
        return outputs;
    }

    JobConfig config() {
        return config;
    }

    int parallelism() {
        return parallelism;
    }

    /** The checkpoint that the job began from; empty for none. */
    String restored() {
        return restored;
    }

    private void check() {
        tail.check();
        broker.check();
        job.check();
    }

    private TopicNames topics() {
        return config.topics();
    }

    private Map<String, String> values(int withParallelism, Optional<Path> checkpoint) {
        Map<String, String> values = new TreeMap<>();
        values.put(EbmOptions.JOB_NAME.key(), "ebm-chaos");
        values.put(EbmOptions.JOB_PARALLELISM.key(), String.valueOf(withParallelism));
        values.put(EbmOptions.CHECKPOINT_INTERVAL.key(), "500 ms");
        values.put(
                EbmOptions.CHECKPOINT_DIR.key(), folder.resolve("checkpoints").toUri().toString());
        values.put(EbmOptions.KAFKA_BOOTSTRAP.key(), "127.0.0.1:" + ports[0]);
        values.put(EbmOptions.IMAGE_CHANNELS.key(), String.valueOf(shape.channels()));
        values.put(EbmOptions.IMAGE_HEIGHT.key(), String.valueOf(shape.height()));
        values.put(EbmOptions.IMAGE_WIDTH.key(), String.valueOf(shape.width()));
        values.put(EbmOptions.MODEL_WIDTH.key(), "8");
        values.put(EbmOptions.LEARNER_BATCH.key(), "16");
        values.put(EbmOptions.LEARNER_WARMUP.key(), "64");
        values.put(EbmOptions.LEARNER_IMAGES_PER_UPDATE.key(), "16");
        values.put(EbmOptions.LEARNER_BANK.key(), "64");
        values.put(EbmOptions.LEARNER_STEPS.key(), "10");
        values.put(EbmOptions.LEARNER_PUBLISH_EVERY.key(), "2");
        values.put(EbmOptions.PURIFIER_STEPS.key(), "20");
        values.put(EbmOptions.PURIFIER_BATCH.key(), "16");
        values.put(EbmOptions.PURIFIER_QUEUE.key(), "32");
        values.put(
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION");
        values.put("execution.checkpointing.num-retained", "2");
        // the broker goes away now and then; the job gets over it by itself
        values.put("restart-strategy.type", "fixed-delay");
        values.put("restart-strategy.fixed-delay.attempts", "1000");
        values.put("restart-strategy.fixed-delay.delay", "500 ms");
        checkpoint.ifPresent(
                c -> values.put("execution.state-recovery.path", c.toUri().toString()));
        values.putAll(plan.overrides());
        return values;
    }

    @Override
    public void close() {
        if (tail != null) {
            tail.close();
        }
        if (job != null) {
            job.close();
        }
        if (broker != null) {
            broker.close();
        }
    }
}
