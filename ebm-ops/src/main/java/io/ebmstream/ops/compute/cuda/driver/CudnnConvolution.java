package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;

/** A convolution with its plan, which others may share. */
final class CudnnConvolution implements GpuConvolution {
    private final CudaContext context;
    private final Cudnn cudnn;
    private final ConvolutionSpec spec;
    private final ConvolutionPlan plan;
    private boolean closed;

    CudnnConvolution(CudaContext context, Cudnn cudnn, ConvolutionSpec spec, ConvolutionPlan plan) {
        this.context = context;
        this.cudnn = cudnn;
        this.spec = spec;
        this.plan = plan;
    }

    ConvolutionPlan plan() {
        if (closed) {
            throw new IllegalStateException("expected an open convolution, found it closed");
        }
        return plan;
    }

    @Override
    public ConvolutionSpec spec() {
        return spec;
    }

    @Override
    public long workspaceBytes() {
        return plan.workspace();
    }

    /** Its code may be freed too: graphs that recorded it must be closed before. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            context.enterToClose();
            cudnn.give(spec);
        }
    }
}
