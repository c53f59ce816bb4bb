package io.ebmstream.ops.compute.cuda.gpu;

/** A recorded sequence of work, cheap to queue again and again. */
public interface GpuGraph extends AutoCloseable {
    /** Frees it. Closing twice is harmless. */
    @Override
    void close();
}
