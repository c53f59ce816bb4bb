package io.ebmstream.job.bench;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Purification as a job's configuration has it, without the job: a thread and a purifier for each
 * subtask, micro-batches one after the other. Not thread-safe.
 */
final class BareLoop implements AutoCloseable {
    private final List<Purifier> purifiers = new ArrayList<>();
    private final ExecutorService threads;
    private final Executors.Choice choice;
    private final int batch;

    BareLoop(JobConfig config, PipelinePlan plan) {
        choice = Executors.resolve(plan.executor(), plan.precision());
        batch = plan.batch();
        Network network = config.model().build();
        long seed = config.compute().seed();
        float[] weights = Initializer.weights(network, seed);
        for (int i = 0; i < plan.workers(); i++) {
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
        threads = java.util.concurrent.Executors.newFixedThreadPool(plan.workers());
    }

    String label() {
        return ComputeChoice.label(choice);
    }

    /** Seconds that all images take. */
    double seconds(int round, List<byte[]> images) throws InterruptedException {
        long start = System.nanoTime();
        List<Future<?>> shares = new ArrayList<>();
        for (int w = 0; w < purifiers.size(); w++) {
            int worker = w;
            shares.add(threads.submit(() -> share(worker, round, images)));
        }
        for (Future<?> share : shares) {
            try {
                share.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("the bare loop failed", e.getCause());
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void share(int worker, int round, List<byte[]> images) {
        Purifier purifier = purifiers.get(worker);
        List<PurificationImage> next = new ArrayList<>();
        for (int i = worker; i < images.size(); i += purifiers.size()) {
            next.add(PurificationImage.of(round + "-" + i, images.get(i)));
            if (next.size() == batch || i + purifiers.size() >= images.size()) {
                try (PurificationBatch run = purifier.start(next)) {
                    if (!purifier.advance(run, Long.MAX_VALUE)) {
                        throw new IllegalStateException("expected a finished batch");
                    }
                    for (int k = 0; k < next.size(); k++) {
                        run.result(k);
                    }
                }
                next.clear();
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        purifiers.forEach(Purifier::close);
    }
}
