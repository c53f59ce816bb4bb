package io.ebmstream.ops.bench;

import com.sun.management.ThreadMXBean;
import io.ebmstream.ops.compute.WorkerPool;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Someone who does one kind of work on one batch, as often as asked. Owns all it needs, but not the
 * pool on whose threads it runs.
 */
abstract class Contender implements AutoCloseable {
    private final WorkerPool pool;
    private final long[] readings;

    Contender(WorkerPool pool) {
        this.pool = pool;
        this.readings = new long[pool.workers()];
    }

    final WorkerPool pool() {
        return pool;
    }

    /** Has everything built that is built when it is needed first. */
    void prepare() {}

    /** Does the work on the whole batch that many times. */
    abstract void run(int times);

    /** Images that a thread takes at once. */
    abstract int part();

    /** Java heap that the pool's threads have allocated so far, in bytes. */
    final long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        pool.runOnEach(w -> readings[w] = threads.getCurrentThreadAllocatedBytes());
        return Arrays.stream(readings).sum();
    }

    @Override
    public abstract void close();
}
