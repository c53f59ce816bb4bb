package io.ebmstream.ops.compute;

import java.util.OptionalInt;

/**
 * Where an executor computes: on the CPU, or on the GPU of an index as {@code nvidia-smi} counts
 * (for CUDA to count likewise, set {@code CUDA_DEVICE_ORDER=PCI_BUS_ID}).
 *
 * @param gpu index of the GPU; empty for the CPU
 */
public record Device(OptionalInt gpu) {
    /** No GPU. */
    public static final Device CPU = new Device(OptionalInt.empty());

    /**
     * @throws IllegalArgumentException if the index is negative
     */
    public Device {
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
        return new Device(OptionalInt.of(index));
    }

    @Override
    public String toString() {
        return gpu.isPresent() ? "GPU " + gpu.getAsInt() : "CPU";
    }
}
