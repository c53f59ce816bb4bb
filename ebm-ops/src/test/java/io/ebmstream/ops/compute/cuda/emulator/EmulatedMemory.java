package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Memory of the emulated device between two zones that nothing may write. */
final class EmulatedMemory implements GpuMemory {
    private static final long ALIGNMENT = 256;
    private static final int GUARD = 4096;
    private static final byte PATTERN = (byte) 0xA5;

    private final EmulatedGpu gpu;
    private final Pointer block;
    private final long address;
    private final long bytes;
    private final BytePointer before;
    private final BytePointer after;
    private boolean closed;

    EmulatedMemory(EmulatedGpu gpu, long bytes) {
        this.gpu = gpu;
        this.bytes = bytes;
        this.block = Pointer.malloc(bytes + 2 * GUARD + ALIGNMENT);
        this.address = (block.address() + GUARD + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        this.before = at(address - GUARD, GUARD);
        this.after = at(address + bytes, GUARD);
        Pointer.memset(before, PATTERN, GUARD);
        Pointer.memset(after, PATTERN, GUARD);
        Pointer.memset(at(address, bytes), 0, bytes);
        EmulatorLibrary.poison(address - GUARD, GUARD, true);
        EmulatorLibrary.poison(address + bytes, GUARD, true);
        gpu.opened(this);
    }

    /** A view of raw memory. */
    static BytePointer at(long start, long bytes) {
        return new BytePointer(new Raw(start)).capacity(bytes);
    }

    /** A pointer to a place that is known as a number. */
    private static final class Raw extends Pointer {
        Raw(long start) {
            this.address = start;
        }
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        gpu.await();
        gpu.closed(this);
        EmulatorLibrary.poison(address - GUARD, GUARD, false);
        EmulatorLibrary.poison(address + bytes, GUARD, false);
        String fault = fault();
        Pointer.free(block);
        if (fault != null) {
            throw new AssertionError(fault);
        }
    }

    private String fault() {
        for (int i = 0; i < GUARD; i++) {
            if (after.get(i) != PATTERN) {
                return "byte " + (bytes + i) + " was written of a piece of " + bytes;
            }
            if (before.get(GUARD - 1 - i) != PATTERN) {
                return "byte " + (-1 - i) + " was written, before the beginning of a piece";
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return bytes + " bytes of memory";
    }
}
