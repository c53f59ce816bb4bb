package io.ebmstream.job.bench;

import io.ebmstream.ops.image.ImageDataset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the stream costs. In each round images are purified twice in this process, by the same
 * number of threads and in the same micro-batches: through Kafka and Flink (sending, decoding,
 * checkpoints, transactions, the density monitor, a learner that takes the images in but does not
 * learn, and reading the output topic are part of it), and by a bare loop over {@code Purifier}.
 * Both are measured in full flow: the clock runs from the first images that are out, two
 * micro-batches of each worker, over the images of a round, while more are waiting. The order
 * changes from round to round; the first rounds are not counted, as the JIT compiler works on the
 * stream's code until then.
 *
 * <p>Not thread-safe.
 */
public final class PipelineBench {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long POLL_MILLIS = 5;
    private static final int WARM_UP = 2;

    /** Micro-batches of each worker before the clock starts. */
    private static final int AHEAD = 2;

    /** Micro-batches of each worker that still wait when the clock stops, about. */
    private static final int BEHIND = 3;

    private final PipelinePlan plan;
    private final ImageDataset images;

    /**
     * @param plan what to measure
     * @param images what is purified, over and over
     */
    public PipelineBench(PipelinePlan plan, ImageDataset images) {
        this.plan = plan;
        this.images = images;
    }

    /**
     * Measures.
     *
     * @param progress is told each round
     * @throws IllegalStateException if the job fails or stands still
     */
    public PipelineResult run(Consumer<PipelineRound> progress) throws Exception {
        Workload work = plan.work();
        try (BenchJob job = new BenchJob(work, images.image(0).shape(), Map.of());
                Backlog backlog = new Backlog(job.config(), work.workers(), images, true);
                BareLoop loop = new BareLoop(job.config(), work, images)) {
            job.start();
            job.cluster().awaitRunning(PATIENCE, () -> false);
            List<PipelineRound> rounds = new ArrayList<>();
            for (int round = 1 - WARM_UP; round <= plan.rounds(); round++) {
                PipelineRound measured = measure(round, loop, backlog, job);
                if (round > 0) {
                    rounds.add(measured);
                    progress.accept(measured);
                }
            }
            return PipelineResult.of(plan, loop.label(), rounds);
        }
    }

    private PipelineRound measure(int round, BareLoop loop, Backlog backlog, BenchJob job)
            throws InterruptedException {
        double bare = 0;
        if (round % 2 == 0) {
            bare = bare(loop);
        }
        double streamed = streamed(backlog, job);
        if (round % 2 != 0) {
            bare = bare(loop);
        }
        return new PipelineRound(round, streamed, bare);
    }

    private double bare(BareLoop loop) throws InterruptedException {
        long before = loop.purified();
        loop.start();
        double rate = rate(before, loop::purified, loop::check);
        loop.stop();
        return rate;
    }

    private double streamed(Backlog backlog, BenchJob job) throws InterruptedException {
        long before = backlog.sent();
        backlog.fill(before + ahead() + plan.images() + batches(BEHIND));
        double rate = rate(before, job::purified, job::check);
        await(job::purified, backlog.sent(), job::check);
        return rate;
    }

    private long ahead() {
        return batches(AHEAD);
    }

    private long batches(int ofEach) {
        return (long) ofEach * plan.work().batch() * plan.work().workers();
    }

    /**
     * Images per second in full flow; of the whole round where all its images were counted at once,
     * which few and tiny ones are.
     *
     * @param before images that were out before the round's first was waiting
     */
    private double rate(long before, LongSupplier out, Runnable watch) throws InterruptedException {
        long begin = System.nanoTime();
        await(out, before + ahead(), watch);
        long from = System.nanoTime();
        long first = out.getAsLong();
        await(out, before + ahead() + plan.images(), watch);
        long end = System.nanoTime();
        long counted = out.getAsLong() - first;
        return counted > 0
                ? counted / ((end - from) / 1e9)
                : (first - before) / ((end - begin) / 1e9);
    }

    private static void await(LongSupplier out, long target, Runnable watch)
            throws InterruptedException {
        long changed = System.nanoTime();
        long last = -1;
        while (out.getAsLong() < target) {
            watch.run();
            if (out.getAsLong() != last) {
                last = out.getAsLong();
                changed = System.nanoTime();
            }
            if (System.nanoTime() - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "expected the work to go on, found no image for "
                                + PATIENCE.toSeconds()
                                + " s with "
                                + (target - last)
                                + " missing");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }
}
