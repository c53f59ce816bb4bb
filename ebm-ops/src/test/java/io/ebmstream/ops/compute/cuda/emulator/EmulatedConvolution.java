package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;

/** A convolution on the CPU. */
final class EmulatedConvolution implements GpuConvolution {
    /** Needs none; asks for some so that callers provide it. */
    static final long WORKSPACE = 1024;

    private final EmulatedGpu gpu;
    private final ConvolutionSpec spec;

    EmulatedConvolution(EmulatedGpu gpu, ConvolutionSpec spec) {
        this.gpu = gpu;
        this.spec = spec;
        gpu.opened(this);
    }

    @Override
    public ConvolutionSpec spec() {
        return spec;
    }

    @Override
    public long workspaceBytes() {
        return WORKSPACE;
    }

    /** Sizes in bytes of values, weights, results and extra. */
    long[] sizes() {
        long bytes = spec.precision().bytes();
        long values = bytes * spec.images() * spec.height() * spec.width() * spec.channels();
        long weights =
                (long) spec.filters() * spec.kernelHeight() * spec.kernelWidth() * spec.channels();
        long results =
                bytes * spec.images() * spec.resultHeight() * spec.resultWidth() * spec.filters();
        long extra =
                switch (spec.epilogue()) {
                    case NONE -> 0;
                    case BIAS -> (long) Float.BYTES * spec.filters();
                    case MASK -> values;
                };
        boolean gradient = spec.pass() == ConvolutionSpec.Pass.WEIGHT_GRADIENT;
        return new long[] {values, weights * (gradient ? Float.BYTES : bytes), results, extra};
    }

    @Override
    public void close() {
        gpu.closed(this);
    }
}
