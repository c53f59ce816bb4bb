package io.ebmstream.job.bench;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Purification as a job's configuration has it, without the job: a thread and a purifier for each
 * subtask, micro-batches one after the other, from {@link #start} to {@link #stop}. Not
 * thread-safe.
 */
final class BareLoop implements AutoCloseable {
    private final List<Purifier> purifiers = new ArrayList<>();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicLong purified = new AtomicLong();
    private final ExecutorService threads;
    private final Executors.Choice choice;
    private final int batch;
    private final List<byte[]> images;
    private volatile boolean stopped;

    BareLoop(JobConfig config, Workload work, ImageDataset dataset) {
        choice = Executors.resolve(work.executor(), work.precision());
        batch = work.batch();
        images =
                IntStream.range(0, dataset.size())
                        .mapToObj(dataset::image)
                        .map(image -> ImageCodec.encode(image, ImageEncoding.RAW_U8_PLANAR))
                        .toList();
        Network network = config.model().build();
        long seed = config.compute().seed();
        float[] weights = Initializer.weights(network, seed);
        for (int i = 0; i < work.workers(); i++) {
            Purifier purifier =
                    new Purifier(
                            network,
                            choice.executor(),
                            choice.precision(),
                            config.purifier().toConfig(seed, config.learner().temperature()),
                            Math.min(Purifier.DEFAULT_PART, batch));
            purifier.setModel(weights);
            purifiers.add(purifier);
        }
        threads = java.util.concurrent.Executors.newFixedThreadPool(work.workers());
    }

    String label() {
        return ComputeChoice.label(choice);
    }

    /** Images purified since the beginning. */
    long purified() {
        return purified.get();
    }

    void start() {
        stopped = false;
        for (int w = 0; w < purifiers.size(); w++) {
            int worker = w;
            running.add(threads.submit(() -> work(worker)));
        }
    }

    /**
     * @throws IllegalStateException if a thread has failed
     */
    void check() {
        for (Future<?> thread : running) {
            if (thread.isDone()) {
                await(thread);
            }
        }
    }

    /** Ends after the micro-batches that are under way. */
    void stop() {
        stopped = true;
        running.forEach(BareLoop::await);
        running.clear();
    }

    private static void await(Future<?> thread) {
        try {
            thread.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the bare loop failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void work(int worker) {
        Purifier purifier = purifiers.get(worker);
        List<PurificationImage> next = new ArrayList<>();
        for (int i = worker; !stopped; i += purifiers.size()) {
            next.add(PurificationImage.of("image-" + i, images.get(i % images.size())));
            if (next.size() == batch) {
                try (PurificationBatch run = purifier.start(next)) {
                    if (!purifier.advance(run, Long.MAX_VALUE)) {
                        throw new IllegalStateException("expected a finished batch");
                    }
                    for (int k = 0; k < next.size(); k++) {
                        run.result(k);
                        purified.incrementAndGet();
                    }
                }
                next.clear();
            }
        }
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdown();
        try {
            threads.awaitTermination(1, java.util.concurrent.TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        purifiers.forEach(Purifier::close);
    }
}
