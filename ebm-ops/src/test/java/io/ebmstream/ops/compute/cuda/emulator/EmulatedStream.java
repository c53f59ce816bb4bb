package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.compute.cuda.gpu.GpuGraph;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.bytedeco.javacpp.Pointer;

/** A queue with a thread of its own: work is done after the call, beside that of other queues. */
final class EmulatedStream implements GpuStream {
    private final EmulatedGpu gpu;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(
                    task -> {
                        Thread thread = new Thread(task, "emulated stream");
                        thread.setDaemon(true);
                        return thread;
                    });

    /** What is being recorded, null if nothing is. */
    private List<Runnable> recorded;

    private volatile Throwable failure;
    private volatile boolean closed;

    EmulatedStream(EmulatedGpu gpu) {
        this.gpu = gpu;
        gpu.opened(this);
    }

    private record Graph(EmulatedGpu gpu, List<Runnable> work) implements GpuGraph {
        @Override
        public void close() {
            gpu.await();
            gpu.closed(this);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public String toString() {
            return "a graph of " + work.size();
        }
    }

    @Override
    public void launch(GpuKernel kernel, int blocks, int threads, Object... arguments) {
        EmulatedKernel emulated = (EmulatedKernel) kernel;
        long[] slots = emulated.slots(gpu, blocks, threads, arguments);
        put(
                true,
                () -> {
                    gpu.countLaunch(emulated.name());
                    emulated.run(blocks, threads, slots);
                });
    }

    @Override
    public void launch(
            GpuConvolution convolution,
            long values,
            long weights,
            long results,
            long extra,
            long workspace) {
        EmulatedConvolution emulated = (EmulatedConvolution) convolution;
        String what = emulated.spec().pass() + " convolution";
        long[] sizes = emulated.sizes();
        gpu.checkRange(values, sizes[0], what + "'s values");
        gpu.checkRange(weights, sizes[1], what + "'s weights");
        gpu.checkRange(results, sizes[2], what + "'s results");
        gpu.checkRange(workspace, EmulatedConvolution.WORKSPACE, what + "'s workspace");
        if (sizes[3] > 0) {
            gpu.checkRange(extra, sizes[3], what + "'s extra");
        } else if (extra != 0) {
            throw new IllegalArgumentException(
                    what + ": expected extra 0 without an epilogue, found an address");
        }
        put(
                true,
                () -> {
                    gpu.countLaunch(what);
                    // Whoever keeps something in a workspace loses it.
                    Pointer.memset(
                            EmulatedMemory.at(workspace, EmulatedConvolution.WORKSPACE),
                            0xFF,
                            EmulatedConvolution.WORKSPACE);
                    EmulatorLibrary.of(emulated.spec().precision())
                            .convolve(emulated.spec(), values, weights, results, extra);
                });
    }

    @Override
    public void upload(HostMemory from, long to, long bytes) {
        checkHost(from, bytes);
        gpu.checkRange(to, bytes, "upload");
        Pointer source = from.pointer();
        put(false, () -> Pointer.memcpy(EmulatedMemory.at(to, bytes), source, bytes));
    }

    @Override
    public void download(long from, HostMemory to, long bytes) {
        checkHost(to, bytes);
        gpu.checkRange(from, bytes, "download");
        Pointer target = to.pointer();
        put(false, () -> Pointer.memcpy(target, EmulatedMemory.at(from, bytes), bytes));
    }

    private static void checkHost(HostMemory host, long bytes) {
        if (bytes < 0 || bytes > host.bytes()) {
            throw new IllegalArgumentException(
                    "copy: expected at most " + host.bytes() + " bytes, found " + bytes);
        }
    }

    @Override
    public void clear(long address, long bytes) {
        gpu.checkRange(address, bytes, "clear");
        put(true, () -> Pointer.memset(EmulatedMemory.at(address, bytes), 0, bytes));
    }

    @Override
    public GpuGraph capture(Runnable work) {
        if (recorded != null) {
            throw new IllegalStateException("expected one capture at a time");
        }
        recorded = new ArrayList<>();
        try {
            work.run();
            Graph graph = new Graph(gpu, List.copyOf(recorded));
            gpu.opened(graph);
            return graph;
        } finally {
            recorded = null;
        }
    }

    @Override
    public void launch(GpuGraph graph) {
        Graph emulated = (Graph) graph;
        gpu.checkOpen(emulated);
        put(false, () -> emulated.work().forEach(Runnable::run));
    }

    @Override
    public void synchronize() {
        if (recorded != null) {
            throw new IllegalStateException("expected no synchronisation in a capture");
        }
        await();
        rethrow();
    }

    /** Waits until the queue is empty. */
    void await() {
        if (closed) {
            return;
        }
        try {
            worker.submit(() -> {}).get();
        } catch (RejectedExecutionException e) {
            // its owner closed it meanwhile, and waited for it
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void put(boolean recordable, Runnable work) {
        rethrow();
        if (closed) {
            throw new IllegalStateException("expected an open stream");
        }
        if (recorded != null) {
            if (!recordable) {
                throw new IllegalStateException("expected only launches and clears in a capture");
            }
            recorded.add(work);
            return;
        }
        worker.execute(
                () -> {
                    if (failure == null && !gpu.lost()) {
                        try {
                            work.run();
                        } catch (RuntimeException | Error e) {
                            failure = e;
                        }
                    }
                });
    }

    private void rethrow() {
        gpu.checkNotLost();
        if (failure != null && !(failure instanceof GpuLostError)) {
            throw new IllegalStateException("work on the stream failed: " + failure, failure);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            await();
            closed = true;
            worker.shutdown();
            gpu.closed(this);
        }
    }

    @Override
    public String toString() {
        return "a stream";
    }
}
