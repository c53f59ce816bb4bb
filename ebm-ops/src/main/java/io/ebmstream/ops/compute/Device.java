package io.ebmstream.ops.compute;

import java.util.OptionalInt;

/**
 * Where an executor computes: on the CPU, or on the GPU of an index as {@code nvidia-smi} counts
 * (for CUDA to count likewise, set {@code CUDA_DEVICE_ORDER=PCI_BUS_ID}).
 *
 * @param gpu index of the GPU; empty for the CPU
 * @param gpuMemory most bytes of the GPU's memory that tensors may take, 0 for no limit; executor
 *     cuda alone keeps to it, for all that a process computes on that GPU
 */
public record Device(OptionalInt gpu, long gpuMemory) {
    /** No GPU. */
    public static final Device CPU = new Device(OptionalInt.empty(), 0);

    /**
     * @throws IllegalArgumentException if the index or the limit is negative
     */
    public Device {
        if (gpuMemory < 0) {
            throw new IllegalArgumentException(
                    "expected a limit of GPU memory of at least 0 bytes, found " + gpuMemory);
        }
        if (gpu.orElse(0) < 0) {
            throw new IllegalArgumentException(
                    "expected a GPU's index of at least 0, found " + gpu.getAsInt());
        }
    }

    /**
     * The GPU of this index.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public static Device gpu(int index) {
        return new Device(OptionalInt.of(index), 0);
    }

    /** The same with a limit of its memory. */
    public Device withGpuMemory(long bytes) {
        return new Device(gpu, bytes);
    }

    @Override
    public String toString() {
        return gpu.isPresent() ? "GPU " + gpu.getAsInt() : "CPU";
    }
}
