package io.ebmstream.job.demo;

import io.ebmstream.job.board.Board;
import io.ebmstream.job.board.BoardSettings;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.feed.FeedPlan;
import io.ebmstream.job.local.LocalCluster;
import io.ebmstream.job.local.TopicTail;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.commons.io.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole path in one JVM: images into an embedded broker, the job on a mini cluster, every
 * output read back and accounted for, files at the end.
 *
 * <p>{@link #run} on one thread, {@link #stop} from any.
 */
public final class Demo {
    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);

    /** How long the job may show no progress before the demo gives up. */
    private static final Duration STALL = Duration.ofMinutes(3);

    /** How long the end may take after {@link #stop}. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(50);

    private static final Duration CHECKPOINT_TIMEOUT = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 10;
    private static final long KEEP_POLL_MILLIS = 200;

    private final DemoOptions options;
    private final ImageDataset images;
    private final PrintWriter out;
    private final boolean terminal;
    private volatile boolean stopped;
    private volatile long stoppedAt;

    /**
     * @param options what to do
     * @param images what to feed
     * @param out progress and messages
     * @param terminal whether {@code out} is a terminal that a bar can be drawn on
     */
    public Demo(DemoOptions options, ImageDataset images, PrintWriter out, boolean terminal) {
        this.options = options;
        this.images = images;
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Ends the feed; {@link #run} then finishes what is on its way and writes its files. After that
     * it ends a board that is kept.
     */
    public void stop() {
        stoppedAt = System.nanoTime();
        stopped = true;
    }

    /**
     * Looks whether the demo can run at all; starts nothing.
     *
     * @throws io.ebmstream.job.config.ConfigException if the configuration is wrong
     * @throws IOException if the folder cannot be written
     */
    public void check() throws IOException {
        DemoReport.into(options.out());
        // the broker's address and the scratch folder, not known yet, change nothing
        DemoConfig.of(options, images, "localhost:9092", options.out());
    }

    /**
     * Runs the demo to its end.
     *
     * @throws io.ebmstream.job.config.ConfigException if the configuration is wrong; nothing was
     *     started
     * @throws IOException if the folder cannot be written
     * @throws IllegalStateException if the job fails or stands still
     */
    public DemoSummary run() throws Exception {
        long start = System.nanoTime();
        check();
        DemoReport report = DemoReport.into(options.out());
        if (!report.present().isEmpty()) {
            say("writing over the files of an earlier demo in %s", report.folder());
            report.clear();
        }
        Path scratch = Files.createTempDirectory("ebm-demo-");
        say("starting a Kafka broker and a Flink cluster in this JVM ..");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            JobConfig config = DemoConfig.of(options, images, broker.bootstrapServers(), scratch);
            broker.createTopics(JobTopics.of(config, options.parallelism(), (short) 1));
            Board board = board(config);
            try (LocalCluster cluster = LocalCluster.start(config, scratch)) {
                DemoSummary summary = run(start, config, cluster, report);
                if (options.keepBoard()) {
                    keep(board, cluster);
                }
                return summary;
            } finally {
                if (board != null) {
                    board.close();
                }
            }
        } finally {
            FileUtils.deleteQuietly(scratch.toFile());
        }
    }

    /** The board, which reads what is written before it is committed; null if none is wanted. */
    private Board board(JobConfig config) throws IOException {
        if (options.boardPort().isEmpty()) {
            return null;
        }
        Optional<String> token =
                config.control().enabled()
                        ? Optional.of(BoardSettings.newToken())
                        : Optional.empty();
        Board board =
                Board.start(
                        new BoardSettings(
                                config.kafka().properties(),
                                config.topics(),
                                config.model().name(),
                                false,
                                Duration.ofMinutes(BoardSettings.DEFAULT_MINUTES),
                                BoardSettings.DEFAULT_HOST,
                                options.boardPort().getAsInt(),
                                token));
        say("see it live: %s%s", board.address(), token.map(t -> "#token=" + t).orElse(""));
        return board;
    }

    /** Leaves everything as it is, so that the board can be looked at and its orders be given. */
    private void keep(Board board, LocalCluster cluster) throws InterruptedException {
        if (!stopped) {
            say("the board stays open at %s; Ctrl-C ends it", board.address());
        }
        while (!stopped) {
            cluster.check();
            Thread.sleep(KEEP_POLL_MILLIS);
        }
    }

    private DemoSummary run(long start, JobConfig config, LocalCluster cluster, DemoReport report)
            throws Exception {
        FeedPlan plan = new FeedPlan(images, options.seed(), options.corrupted(), true);
        Progress progress = new Progress(DemoFeed.warmup(config));
        CommittedOutputs outputs = new CommittedOutputs(plan, DemoFeed.warmup(config));
        TopicNames topics = config.topics();
        String bootstrap = config.kafka().bootstrap();
        say(
                "feeding %s images of %s: %.0f %% get noise or an occlusion, some are broken",
                images.shape(), images.name(), 100 * options.corrupted());
        if (options.drift() != null) {
            say("half-way the feed changes to %s", options.drift().name());
        }
        say("d: energy of data minus chains, healthy around 0; r: gradient's part of a step;");
        say("latency: from sending an image to its purified one in Kafka");
        try (TopicTail live =
                        new TopicTail(
                                "ebm-demo-live",
                                bootstrap,
                                false,
                                Map.of(
                                        topics.purified(), progress::purified,
                                        topics.deadLetters(), r -> progress.deadLetter(),
                                        topics.diagnostics(), progress::update));
                TopicTail committed =
                        new TopicTail(
                                "ebm-demo-committed",
                                bootstrap,
                                true,
                                Map.of(
                                        topics.purified(), outputs::purified,
                                        topics.density(), outputs::density,
                                        topics.deadLetters(), outputs::deadLetter,
                                        topics.diagnostics(), outputs::update,
                                        topics.snapshots(), outputs::snapshot,
                                        topics.alarms(), outputs::alarm));
                ProgressDisplay display = new ProgressDisplay(out, options.updates(), terminal)) {
            Runnable watch =
                    () -> {
                        cluster.check();
                        live.check();
                        committed.check();
                        display.show(progress.view());
                    };
            // latency is the job's, not that of its start
            cluster.awaitRunning(STALL, () -> stopped);
            DemoFeed feed = new DemoFeed(options, config, plan, outputs, progress);
            feed.run(watch, () -> stopped);
            boolean complete = drain(feed, cluster, progress, outputs, watch);
            long restarts = cluster.restarts();
            display.end();
            Optional<Snapshot> snapshot = snapshot(config, outputs);
            DemoSummary summary =
                    new Accounts(options, config, images, feed, outputs)
                            .summary(
                                    snapshot.isPresent(),
                                    restarts,
                                    (System.nanoTime() - start) / 1e9,
                                    feed.workSeconds(),
                                    stopped,
                                    complete);
            if (snapshot.isPresent()) {
                report.snapshot(snapshot.get());
            }
            report.purified(outputs);
            report.energies(outputs);
            report.summary(summary);
            say("%s", Accounts.text(summary, report.present()));
            outputs.surprises().forEach(s -> say("unexpected: %s", s));
            if (!complete || !outputs.surprises().isEmpty()) {
                if (!stopped) {
                    throw new IllegalStateException(
                            "expected every image to come out exactly once, found "
                                    + (complete ? outputs.surprises().get(0) : "some missing")
                                    + "; see "
                                    + report.folder().resolve(DemoReport.SUMMARY));
                }
            }
            return summary;
        }
    }

    /** Waits until everything that was fed came out and is committed. */
    private boolean drain(
            DemoFeed feed,
            LocalCluster cluster,
            Progress progress,
            CommittedOutputs outputs,
            Runnable watch)
            throws InterruptedException {
        if (stopped) {
            say("stopping: finishing what is on its way ..");
        }
        BooleanSupplier written =
                () ->
                        progress.view().purified() >= feed.good()
                                && progress.view().deadLetters() >= feed.bad()
                                && (stopped || progress.view().updates() >= options.updates());
        if (!await(written, progress, outputs, watch)) {
            return false;
        }
        feed.ended();
        cluster.checkpoint(CHECKPOINT_TIMEOUT);
        BooleanSupplier visible =
                () ->
                        outputs.purifiedCount() >= feed.good()
                                && outputs.readingCount() >= feed.good()
                                && outputs.deadLetterCount() >= feed.bad()
                                && outputs.snapshotCount() >= outputs.publishedCount()
                                && (stopped || outputs.updateCount() >= options.updates());
        return await(visible, progress, outputs, watch);
    }

    /** Waits for a condition; false when a stop leaves no more time. */
    private boolean await(
            BooleanSupplier condition, Progress progress, CommittedOutputs outputs, Runnable watch)
            throws InterruptedException {
        long changed = System.nanoTime();
        Object last = null;
        while (!condition.getAsBoolean()) {
            watch.run();
            Object now =
                    progress.view()
                            + " "
                            + outputs.purifiedCount()
                            + " "
                            + outputs.readingCount()
                            + " "
                            + outputs.updateCount();
            if (!now.equals(last)) {
                last = now;
                changed = System.nanoTime();
            }
            if (stopped && System.nanoTime() - stoppedAt > STOP_TIMEOUT.toNanos()) {
                LOG.warn("not everything came out within {}: {}", STOP_TIMEOUT, now);
                return false;
            }
            if (System.nanoTime() - changed > STALL.toNanos()) {
                throw new IllegalStateException(
                        "expected the job to go on, found no progress for "
                                + STALL.toSeconds()
                                + " s; the last state: "
                                + now);
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    /** The last snapshot, read back as any consumer would, every hash verified. */
    private Optional<Snapshot> snapshot(JobConfig config, CommittedOutputs outputs)
            throws IOException {
        if (outputs.snapshotCount() == 0) {
            return Optional.empty();
        }
        try (SnapshotReader reader =
                SnapshotReader.open(
                        config.kafka().properties(),
                        new SnapshotTopics(
                                config.topics().snapshots(), config.topics().snapshotChunks()),
                        config.model().name())) {
            return reader.latest();
        }
    }

    private void say(String format, Object... args) {
        out.printf(Locale.ROOT, format + "%n", args);
        out.flush();
    }
}
