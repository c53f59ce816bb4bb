package io.ebmstream.ops.compute.cuda.gpu;

/** A piece of a GPU's memory. Closing frees it, once the work that uses it has ended. */
public interface GpuMemory extends AutoCloseable {
    /** Where it begins, in the device's address space; a multiple of 256. */
    long address();

    /** Its length. */
    long bytes();

    /** Frees it. Closing twice is harmless. */
    @Override
    void close();
}
