package io.ebmstream.job.demo;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.BrokenInput;
import io.ebmstream.job.feed.FeedPlan;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.ops.image.ImageEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Feeds a demo: just the images that its updates need, a known number of broken records between
 * them, and never more on the way than the job can take soon, so that latencies mean something.
 */
final class DemoFeed {
    /** Broken records of a demo that counts updates: four of each kind. */
    private static final int BROKEN = 4 * BrokenInput.values().length;

    /** Good images between two broken records where time decides. */
    private static final int BROKEN_EVERY = 100;

    /** Micro-batches on the way to the purifier. */
    private static final int BATCHES_AHEAD = 2;

    /** Updates' worth of images on the way to the learner. */
    private static final int UPDATES_AHEAD = 2;

    private static final long PAUSE_MILLIS = 2;

    private final DemoOptions options;
    private final JobConfig config;
    private final FeedPlan plan;
    private final CommittedOutputs outputs;
    private final Progress progress;
    private long good;
    private long bad;
    private long began;
    private long ended;

    /** First place of another kind of image; none yet. */
    private long changed = Long.MAX_VALUE;

    DemoFeed(
            DemoOptions options,
            JobConfig config,
            FeedPlan plan,
            CommittedOutputs outputs,
            Progress progress) {
        this.options = options;
        this.config = config;
        this.plan = plan;
        this.outputs = outputs;
        this.progress = progress;
    }

    /**
     * Feeds to the end.
     *
     * @param watch called often; may throw to end the feed
     * @param stopped whether to end early
     */
    void run(Runnable watch, BooleanSupplier stopped) throws InterruptedException {
        long deadline = System.nanoTime() + options.time().toNanos();
        long halfTime = deadline - options.time().toNanos() / 2;
        boolean timed = options.updates() == 0;
        long target = timed ? Long.MAX_VALUE : config.learner().imagesFor(options.updates());
        List<ImageFeeder> streams = new ArrayList<>();
        try {
            for (int i = 0; i < options.parallelism(); i++) {
                streams.add(
                        new ImageFeeder(
                                config.kafka().properties(),
                                config.topics().images(),
                                "camera-" + i,
                                ImageEncoding.RAW_U8_PLANAR));
            }
            while (good < target
                    && !stopped.getAsBoolean()
                    && !(timed && System.nanoTime() > deadline)) {
                watch.run();
                if (began == 0 && progress.view().purified() >= warmup(config)) {
                    began = System.nanoTime();
                }
                long allowed = Math.min(target, allowed());
                if (good >= allowed) {
                    Thread.sleep(PAUSE_MILLIS);
                    continue;
                }
                while (good < allowed) {
                    boolean half = timed ? System.nanoTime() > halfTime : good >= target / 2;
                    if (options.drift() != null && half && changed == Long.MAX_VALUE) {
                        plan.changeTo(options.drift(), good);
                        changed = good;
                    }
                    send(streams.get((int) (good % streams.size())), target);
                }
            }
            streams.forEach(ImageFeeder::flush);
        } finally {
            streams.forEach(ImageFeeder::close);
        }
    }

    /** Says that everything fed has come out. */
    void ended() {
        ended = System.nanoTime();
    }

    /** Seconds from the first sign of life of the job to the end, or to now. */
    double workSeconds() {
        return began == 0 ? Double.NaN : ((ended == 0 ? System.nanoTime() : ended) - began) / 1e9;
    }

    /** Place of the first image of another kind; larger than any where there was none. */
    long changed() {
        return changed;
    }

    /** Good images fed. */
    long good() {
        return good;
    }

    /** Broken records fed. */
    long bad() {
        return bad;
    }

    private void send(ImageFeeder stream, long target) {
        stream.send(FeedPlan.id(good), plan.sent(good));
        long due = target == Long.MAX_VALUE ? good / BROKEN_EVERY : (good + 1) * BROKEN / target;
        for (; bad < due; bad++) {
            BrokenInput kind = BrokenInput.values()[(int) (bad % BrokenInput.values().length)];
            outputs.expectBroken(stream.sendBroken(kind, plan.clean(good), options.seed(), bad));
        }
        good++;
    }

    /**
     * First images, which go alone: plans are built and code is compiled while they are purified.
     */
    static long warmup(JobConfig config) {
        return config.purifier().batch();
    }

    /** Images that may have been fed by now, at most. */
    private long allowed() {
        Progress.View view = progress.view();
        if (view.purified() < warmup(config)) {
            return warmup(config);
        }
        long purifier = view.purified() + (long) BATCHES_AHEAD * config.purifier().batch();
        long learner = config.learner().imagesFor(view.updates() + UPDATES_AHEAD);
        boolean learning = options.updates() == 0 || view.updates() < options.updates();
        return learning ? Math.min(purifier, learner) : purifier;
    }
}
