package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuProperties;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A GPU of NVIDIA, opened with CUDA 13 and cuDNN 9. */
public final class CudaGpu implements Gpu {
    private static final Logger LOG = LoggerFactory.getLogger(CudaGpu.class);

    private final CudaContext context;
    private final MemoryBudget budget;
    private final Cudnn cudnn;
    private final KernelModules kernels;
    private boolean closed;

    private CudaGpu(CudaContext context, MemoryBudget budget) {
        this.context = context;
        this.budget = budget;
        this.cudnn = new Cudnn(context);
        this.kernels =
                new KernelModules(context, new CubinCache(CubinCache.folder(System.getenv())));
    }

    /**
     * Opens a GPU. Libraries are loaded the first time.
     *
     * @param index as CUDA counts
     * @param memoryLimit most bytes that {@link #allocate} gives in all, 0 for no limit. Not
     *     counted: the context, kernels and cuDNN, some 500 MB
     * @throws IllegalArgumentException if the limit is negative
     * @throws IllegalStateException if a library, the driver or the device is missing or too old;
     *     the message says which, and what to do
     */
    public static Gpu open(int index, long memoryLimit) {
        MemoryBudget budget = new MemoryBudget(memoryLimit, "GPU " + index);
        NativeLibraries.load();
        CudaGpu gpu = new CudaGpu(CudaContext.open(index), budget);
        LOG.info("Opened {}", gpu.properties());
        return gpu;
    }

    @Override
    public GpuProperties properties() {
        return context.properties();
    }

    @Override
    public GpuMemory allocate(long bytes) {
        context.enter();
        return CudaMemory.allocate(context, budget, bytes);
    }

    @Override
    public HostMemory allocateHost(long bytes) {
        context.enter();
        return PinnedMemory.allocate(context, bytes);
    }

    @Override
    public GpuStream newStream() {
        context.enter();
        return new CudaStream(context, cudnn);
    }

    @Override
    public GpuKernel kernel(Precision precision, String name) {
        context.enter();
        return kernels.kernel(precision, name);
    }

    @Override
    public boolean fuses(ConvolutionSpec spec) {
        context.enter();
        return cudnn.fuses(spec);
    }

    @Override
    public GpuConvolution convolution(ConvolutionSpec spec) {
        context.enter();
        return cudnn.convolution(spec);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            context.enterToClose();
            try {
                kernels.close();
                cudnn.close();
            } finally {
                context.close();
            }
        }
    }
}
