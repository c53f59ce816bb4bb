package io.ebmstream.ops.compute.cuda.gpu;

/** A function that runs on a GPU, compiled for it. Belongs to its {@link Gpu}, never closed. */
public interface GpuKernel {
    /** Its name in the sources. */
    String name();
}
