package io.ebmstream.ops.compute.cuda.gpu;

import org.bytedeco.javacpp.Pointer;

/** A piece of the host's memory that a GPU copies from and to on its own. */
public interface HostMemory extends AutoCloseable {
    /** The memory, from its beginning; valid until it is closed. */
    Pointer pointer();

    /** Its length. */
    long bytes();

    /** Frees it. Closing twice is harmless. */
    @Override
    void close();
}
