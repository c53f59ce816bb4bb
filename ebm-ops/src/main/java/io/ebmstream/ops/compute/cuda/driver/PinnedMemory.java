package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Page-locked memory of the host. */
final class PinnedMemory implements HostMemory {
    private final CudaContext context;
    private final Pointer pointer;
    private final long bytes;
    private boolean closed;

    private PinnedMemory(CudaContext context, Pointer pointer, long bytes) {
        this.context = context;
        this.pointer = pointer;
        this.bytes = bytes;
    }

    static PinnedMemory allocate(CudaContext context, long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("expected at least 1 byte, found " + bytes);
        }
        BytePointer pointer = new BytePointer((Pointer) null);
        int code = cudart.cuMemHostAlloc(pointer, bytes, cudart.CU_MEMHOSTALLOC_PORTABLE);
        if (code == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
            throw new GpuOutOfMemoryException(
                    "expected the host to pin "
                            + bytes
                            + " bytes of memory, found no room; take a smaller batch, or raise the"
                            + " container's limits of memory and of locked memory");
        }
        context.check(code, "to pin " + bytes + " bytes of the host's memory");
        pointer.capacity(bytes);
        Pointer.memset(pointer, 0, bytes);
        return new PinnedMemory(context, pointer, bytes);
    }

    @Override
    public Pointer pointer() {
        if (closed) {
            throw new IllegalStateException("expected open memory of the host, found it closed");
        }
        return pointer;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            context.enterToClose();
            context.checkClosing(cudart.cuMemFreeHost(pointer), "to unpin memory");
        }
    }
}
