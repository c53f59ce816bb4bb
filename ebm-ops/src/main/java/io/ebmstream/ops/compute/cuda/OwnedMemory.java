package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import java.util.ArrayList;
import java.util.List;

/** Pieces of memory of one owner, freed together. Not thread-safe. */
final class OwnedMemory implements AutoCloseable {
    private final Gpu gpu;
    private final List<GpuMemory> pieces = new ArrayList<>();
    private final List<HostMemory> pinned = new ArrayList<>();
    private long bytes;

    OwnedMemory(Gpu gpu) {
        this.gpu = gpu;
    }

    /**
     * Memory on the device, set to 0.
     *
     * @return its address
     */
    long allocate(long size) {
        GpuMemory piece = gpu.allocate(size);
        pieces.add(piece);
        bytes += size;
        return piece.address();
    }

    /** Memory of the host for copies. */
    HostMemory host(long size) {
        HostMemory piece = gpu.allocateHost(size);
        pinned.add(piece);
        return piece;
    }

    /** Bytes on the device. */
    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        pieces.forEach(GpuMemory::close);
        pinned.forEach(HostMemory::close);
        pieces.clear();
        pinned.clear();
    }
}
