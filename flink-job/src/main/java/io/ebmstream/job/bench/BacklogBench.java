package io.ebmstream.job.bench;

import io.ebmstream.ops.bench.ResidentMemory;
import io.ebmstream.ops.image.ImageDataset;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.Map;

/**
 * What a backlog costs in memory: all images lie in the topic before the job starts, which then
 * purifies them with its sources as fast as they are let. Broker, job and reader of the output
 * share this process and its heap.
 *
 * <p>Not thread-safe.
 */
public final class BacklogBench {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long POLL_MILLIS = 20;

    private final Workload work;
    private final ImageDataset images;
    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();

    /**
     * @param work what the job computes
     * @param images what is purified, over and over
     */
    public BacklogBench(Workload work, ImageDataset images) {
        this.work = work;
        this.images = images;
    }

    /**
     * Measures.
     *
     * @param count images that wait, at least 10
     * @throws IllegalArgumentException if there are fewer
     * @throws IllegalStateException if the job fails or stands still
     */
    public BacklogResult run(int count) throws Exception {
        if (count < 10) {
            throw new IllegalArgumentException(
                    "expected a backlog of at least 10 images, found " + count);
        }
        try (BenchJob job = new BenchJob(work, images.image(0).shape(), Map.of())) {
            try (Backlog backlog = new Backlog(job.config(), work.workers(), images, false)) {
                backlog.fill(count);
            }
            job.start();
            return measure(count, job);
        }
    }

    private BacklogResult measure(int count, BenchJob job) throws InterruptedException {
        ResidentMemory.resetPeak();
        long start = System.nanoTime();
        long changed = start;
        long last = 0;
        long peak = 0;
        long early = 0;
        while (last < count) {
            job.check();
            peak = Math.max(peak, memory.getHeapMemoryUsage().getUsed());
            if (job.purified() != last) {
                last = job.purified();
                changed = System.nanoTime();
            }
            if (early == 0 && last >= count / 10) {
                early = live();
            }
            if (System.nanoTime() - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "expected the job to go on, found no image for "
                                + PATIENCE.toSeconds()
                                + " s after "
                                + last
                                + " of "
                                + count);
            }
            Thread.sleep(POLL_MILLIS);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new BacklogResult(
                work,
                count,
                seconds,
                mebibytes(Runtime.getRuntime().maxMemory()),
                mebibytes(peak),
                mebibytes(early),
                mebibytes(live()),
                mebibytes(ResidentMemory.peak().orElse(0)));
    }

    /** Heap after a collection, bytes. */
    private long live() {
        System.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }
}
