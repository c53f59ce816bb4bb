package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.compute.cuda.gpu.GpuGraph;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** A stream that does not wait for the default one. */
final class CudaStream implements GpuStream {
    private static final int ARGUMENTS = 64;
    private static final int MOST_BLOCK_THREADS = 1024;
    private static final int WARP = 32;

    private final CudaContext context;
    private final Cudnn cudnn;
    private final CUstream_st stream = new CUstream_st();
    private final BytePointer values = new BytePointer(ARGUMENTS * (long) Long.BYTES);
    private final PointerPointer<Pointer> arguments = new PointerPointer<>(ARGUMENTS);
    private final PointerPointer<Pointer> none = new PointerPointer<>();
    private boolean capturing;
    private boolean closed;

    CudaStream(CudaContext context, Cudnn cudnn) {
        this.context = context;
        this.cudnn = cudnn;
        for (int i = 0; i < ARGUMENTS; i++) {
            arguments.put(i, values.getPointer(i * (long) Long.BYTES));
        }
        try {
            context.check(
                    cudart.cuStreamCreate(stream, cudart.CU_STREAM_NON_BLOCKING),
                    "to make a stream");
        } catch (RuntimeException e) {
            free();
            throw e;
        }
    }

    @Override
    public void launch(GpuKernel kernel, int blocks, int threads, Object... given) {
        CudaKernel own = (CudaKernel) kernel;
        if (blocks < 1 || threads < WARP || threads > MOST_BLOCK_THREADS || threads % WARP != 0) {
            throw new IllegalArgumentException(
                    "expected at least 1 block of 32, 64 .. 1024 threads for kernel "
                            + own.name()
                            + ", found "
                            + blocks
                            + " of "
                            + threads);
        }
        own.check(given);
        enter();
        for (int i = 0; i < given.length; i++) {
            long at = i * (long) Long.BYTES;
            if (given[i] instanceof Long value) {
                values.putLong(at, value);
            } else if (given[i] instanceof Integer value) {
                values.putInt(at, value);
            } else {
                values.putFloat(at, (Float) given[i]);
            }
        }
        // The driver copies the values before it returns.
        context.check(
                cudart.cuLaunchKernel(
                        own.function(), blocks, 1, 1, threads, 1, 1, 0, stream, arguments, none),
                "to run kernel " + own.name());
    }

    @Override
    public void launch(
            GpuConvolution convolution,
            long valuesAddress,
            long weights,
            long results,
            long extra,
            long workspace) {
        enter();
        cudnn.run(
                (CudnnConvolution) convolution,
                stream,
                valuesAddress,
                weights,
                results,
                extra,
                workspace);
    }

    @Override
    public void upload(HostMemory from, long to, long bytes) {
        enterToCopy(from, bytes);
        context.check(
                cudart.cuMemcpyHtoDAsync(to, from.pointer(), bytes, stream),
                "to copy " + bytes + " bytes from the host");
    }

    @Override
    public void download(long from, HostMemory to, long bytes) {
        enterToCopy(to, bytes);
        context.check(
                cudart.cuMemcpyDtoHAsync(to.pointer(), from, bytes, stream),
                "to copy " + bytes + " bytes to the host");
    }

    private void enterToCopy(HostMemory memory, long bytes) {
        if (bytes < 1 || bytes > memory.bytes()) {
            throw new IllegalArgumentException(
                    "expected to copy 1 to " + memory.bytes() + " bytes, found " + bytes);
        }
        refuseCapture("a copy");
        enter();
    }

    @Override
    public void clear(long address, long bytes) {
        enter();
        context.check(
                cudart.cuMemsetD8Async(address, (byte) 0, bytes, stream),
                "to clear " + bytes + " bytes");
    }

    @Override
    public GpuGraph capture(Runnable work) {
        refuseCapture("another capture");
        enter();
        CUgraph_st recorded = new CUgraph_st();
        // Relaxed: cuDNN may load a kernel's code, which takes memory, while it queues.
        context.check(
                cudart.cuStreamBeginCapture(stream, cudart.CU_STREAM_CAPTURE_MODE_RELAXED),
                "to begin to record");
        capturing = true;
        boolean done = false;
        try {
            work.run();
            done = true;
        } finally {
            capturing = false;
            int ended = cudart.cuStreamEndCapture(stream, recorded);
            if (!done && !recorded.isNull()) {
                cudart.cuGraphDestroy(recorded);
            } else if (done) {
                context.check(ended, "to end to record");
            }
        }
        try {
            return new CudaGraph(context, recorded);
        } finally {
            cudart.cuGraphDestroy(recorded);
        }
    }

    @Override
    public void launch(GpuGraph graph) {
        refuseCapture("a graph");
        enter();
        context.check(cudart.cuGraphLaunch(((CudaGraph) graph).graph(), stream), "to run a graph");
    }

    @Override
    public void synchronize() {
        refuseCapture("a wait");
        enter();
        context.check(cudart.cuStreamSynchronize(stream), "to finish its work");
    }

    private void enter() {
        if (closed) {
            throw new IllegalStateException("expected an open stream, found it closed");
        }
        context.enter();
    }

    private void refuseCapture(String what) {
        if (capturing) {
            throw new IllegalStateException(
                    "expected only launches and clears while a graph is recorded, found " + what);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            context.enterToClose();
            try {
                context.checkClosing(cudart.cuStreamSynchronize(stream), "to finish its work");
            } finally {
                cudnn.forget(stream);
                int code = cudart.cuStreamDestroy(stream);
                free();
                context.checkClosing(code, "to close a stream");
            }
        }
    }

    private void free() {
        values.close();
        arguments.close();
    }
}
