package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import org.bytedeco.cuda.global.cudart;

/** Memory of cuMemAlloc, counted in a budget. */
final class CudaMemory implements GpuMemory {
    private final CudaContext context;
    private final MemoryBudget budget;
    private final long address;
    private final long bytes;
    private boolean closed;

    private CudaMemory(CudaContext context, MemoryBudget budget, long address, long bytes) {
        this.context = context;
        this.budget = budget;
        this.address = address;
        this.bytes = bytes;
    }

    static CudaMemory allocate(CudaContext context, MemoryBudget budget, long bytes) {
        budget.take(bytes);
        long[] address = {0};
        boolean done = false;
        try {
            int code = cudart.cuMemAlloc(address, bytes);
            if (code == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
                throw new GpuOutOfMemoryException(
                        "expected room for "
                                + bytes
                                + " bytes on "
                                + context
                                + ", found "
                                + context.free()
                                + " of "
                                + context.properties().memory()
                                + " bytes free, of which this process took "
                                + (budget.taken() - bytes)
                                + "; take a smaller batch, or leave the device to fewer"
                                + " processes");
            }
            context.check(code, "to give " + bytes + " bytes of memory");
            context.clear(address[0], bytes);
            done = true;
            return new CudaMemory(context, budget, address[0], bytes);
        } finally {
            if (!done) {
                if (address[0] != 0) {
                    cudart.cuMemFree(address[0]);
                }
                budget.give(bytes);
            }
        }
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** The driver waits for work that is queued before it frees. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            budget.give(bytes);
            context.enterToClose();
            context.checkClosing(cudart.cuMemFree(address), "to free memory");
        }
    }
}
