package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import java.util.HashMap;
import java.util.Map;

/** Convolutions of one network, each made ready once. Not thread-safe. */
final class Convolutions implements AutoCloseable {
    private final Gpu gpu;
    private final Map<ConvolutionSpec, GpuConvolution> ready = new HashMap<>();

    Convolutions(Gpu gpu) {
        this.gpu = gpu;
    }

    /** Whether the device computes the epilogue along. */
    boolean fuses(ConvolutionSpec spec) {
        return gpu.fuses(spec);
    }

    GpuConvolution of(ConvolutionSpec spec) {
        return ready.computeIfAbsent(spec, gpu::convolution);
    }

    @Override
    public void close() {
        ready.values().forEach(GpuConvolution::close);
        ready.clear();
    }
}
