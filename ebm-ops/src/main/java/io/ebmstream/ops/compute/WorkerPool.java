package io.ebmstream.ops.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * A fixed number of threads that divide work among themselves. A worker has a number, so that it
 * can own what only one thread may use, such as a {@link CompiledNetwork}.
 *
 * <p>One caller at a time. Threads are daemons; closing the pool ends them.
 */
public final class WorkerPool implements AutoCloseable {

    /** A piece of work; run by any worker. */
    @FunctionalInterface
    public interface Task {
        /**
         * @param worker number of the worker that runs it, from 0
         * @param index number of the piece, from 0
         */
        void run(int worker, int index);
    }

    private final List<ExecutorService> threads = new ArrayList<>();

    /** Whether the current thread is a worker of this pool. */
    private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);

    /**
     * @param workers number of threads, at least 1
     * @param name prefix of the threads' names
     */
    public WorkerPool(int workers, String name) {
        if (workers < 1) {
            throw new IllegalArgumentException("expected at least 1 worker, found " + workers);
        }
        for (int i = 0; i < workers; i++) {
            String threadName = name + "-" + i;
            threads.add(
                    Executors.newSingleThreadExecutor(
                            work -> {
                                Thread thread = new Thread(() -> runInside(work), threadName);
                                thread.setDaemon(true);
                                return thread;
                            }));
        }
    }

    private void runInside(Runnable work) {
        inside.set(true);
        work.run();
    }

    /** Number of workers. */
    public int workers() {
        return threads.size();
    }

    /**
     * Runs the pieces 0 to count-1, each by the first worker that is free, and waits for all of
     * them.
     *
     * @throws RuntimeException what a piece threw; the others have ended by then
     */
    public void run(int count, Task task) {
        AtomicInteger next = new AtomicInteger();
        runOnEach(
                worker -> {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        task.run(worker, i);
                    }
                });
    }

    /**
     * Runs something once on every worker and waits for all of them.
     *
     * @param work takes the worker's number
     * @throws RuntimeException what a worker threw; the others have ended by then
     * @throws IllegalStateException if a worker calls it, which would wait for itself
     */
    public void runOnEach(IntConsumer work) {
        if (inside.get()) {
            throw new IllegalStateException(
                    "expected a caller that is no worker of this pool, found "
                            + Thread.currentThread().getName()
                            + ", which would wait for itself; run the work where it is, or give it"
                            + " to another pool");
        }
        List<Future<?>> running = new ArrayList<>(threads.size());
        for (int i = 0; i < threads.size(); i++) {
            int worker = i;
            running.add(threads.get(i).submit(() -> work.accept(worker)));
        }
        Throwable failure = null;
        boolean interrupted = false;
        for (Future<?> future : running) {
            boolean waiting = true;
            while (waiting) {
                try {
                    future.get();
                    waiting = false;
                } catch (InterruptedException e) {
                    // Workers use the caller's arrays: they must have ended before it goes on.
                    interrupted = true;
                } catch (ExecutionException e) {
                    failure = failure == null ? e.getCause() : failure;
                    waiting = false;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdown);
    }
}
