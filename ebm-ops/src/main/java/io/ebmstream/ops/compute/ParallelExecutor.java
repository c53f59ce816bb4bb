package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import java.util.Set;

/**
 * Lets another executor use several cores: what it compiles cuts a batch into parts of a fixed
 * size, which the workers of a pool share out among themselves ({@link ParallelNetwork}). Results
 * are the same bits whatever the number of workers.
 *
 * <p>A network compiled for {@link Mode#TRAINING} is the other executor's own: all its inputs
 * belong to one batch, and it runs on the calling thread.
 *
 * <p>Does not own the pool. Thread-safe as far as the other executor is, but only one compiled
 * network may run at a time: a pool has one caller.
 */
public final class ParallelExecutor implements Executor {
    private final Executor executor;
    private final WorkerPool pool;
    private final int part;

    /**
     * @param part images that a worker takes at once, at least 1. It shapes the order of sums:
     *     parameter gradients depend on it in the last digits
     */
    public ParallelExecutor(Executor executor, WorkerPool pool, int part) {
        if (part < 1) {
            throw new IllegalArgumentException("expected parts of at least 1 image, found " + part);
        }
        this.executor = executor;
        this.pool = pool;
        this.part = part;
    }

    /**
     * The executor on several cores, or the executor itself where it is parallel on its own.
     *
     * @param part images that a worker takes at once, at least 1
     */
    public static Executor of(Executor executor, WorkerPool pool, int part) {
        return executor.isParallel() ? executor : new ParallelExecutor(executor, pool, part);
    }

    @Override
    public String name() {
        return executor.name();
    }

    @Override
    public boolean isParallel() {
        return true;
    }

    @Override
    public Set<Precision> precisions() {
        return executor.precisions();
    }

    @Override
    public Precision preferredPrecision() {
        return executor.preferredPrecision();
    }

    @Override
    public CompiledNetwork compile(Network network, int batch, Precision precision, Mode mode) {
        return mode == Mode.TRAINING
                ? executor.compile(network, batch, precision, mode)
                : new ParallelNetwork(executor, network, batch, precision, part, pool);
    }
}
