package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Plain memory of the host. */
final class EmulatedHostMemory implements HostMemory {
    private final EmulatedGpu gpu;
    private final Pointer block;
    private final BytePointer pointer;
    private final long bytes;
    private boolean closed;

    EmulatedHostMemory(EmulatedGpu gpu, long bytes) {
        this.gpu = gpu;
        this.bytes = bytes;
        this.block = Pointer.malloc(bytes);
        this.pointer = EmulatedMemory.at(block.address(), bytes);
        Pointer.memset(pointer, 0, bytes);
        gpu.opened(this);
    }

    @Override
    public Pointer pointer() {
        return pointer;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            gpu.await();
            gpu.closed(this);
            Pointer.free(block);
        }
    }

    @Override
    public String toString() {
        return bytes + " bytes of the host's memory";
    }
}
