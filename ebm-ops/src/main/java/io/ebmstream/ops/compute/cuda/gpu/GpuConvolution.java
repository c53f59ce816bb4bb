package io.ebmstream.ops.compute.cuda.gpu;

/** A convolution made ready for one device. */
public interface GpuConvolution extends AutoCloseable {
    /** What it computes. */
    ConvolutionSpec spec();

    /** Scratch that a run needs; runs that may overlap in time need one each. */
    long workspaceBytes();

    /** Frees it. Closing twice is harmless. */
    @Override
    void close();
}
