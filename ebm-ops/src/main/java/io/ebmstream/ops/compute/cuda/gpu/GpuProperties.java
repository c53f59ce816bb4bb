package io.ebmstream.ops.compute.cuda.gpu;

/**
 * What a GPU is.
 *
 * @param index as CUDA counts
 * @param name the vendor's name of it
 * @param major compute capability before the point
 * @param minor compute capability behind the point
 * @param memory bytes on the device
 * @param libraries versions of what it is driven with, for people: driver, CUDA, cuDNN
 */
public record GpuProperties(
        int index, String name, int major, int minor, long memory, String libraries) {

    /** For example {@code 9.0}. */
    public String computeCapability() {
        return major + "." + minor;
    }

    @Override
    public String toString() {
        return "GPU "
                + index
                + " ("
                + name
                + ", compute capability "
                + computeCapability()
                + ", "
                + (memory >> 20)
                + " MiB, "
                + libraries
                + ")";
    }
}
