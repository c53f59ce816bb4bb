package io.ebmstream.ops.compute.cuda.gpu;

import io.ebmstream.ops.compute.Precision;

/**
 * One GPU, opened. Everything that it hands out belongs to the caller, who closes it before the
 * GPU, and may only be used with it.
 *
 * <p>Tensors on the device are values of 2 bytes (bfloat16, for {@link Precision#BFLOAT16}) or 4
 * (float32 otherwise) in the order [n, h, w, c], with the number of channels a multiple of {@link
 * #CHANNELS}; what pads them is 0. Pixels at the border are float32, [n, c, h, w].
 *
 * <p>Thread-safe, except for what it hands out: each of that is for one thread at a time.
 *
 * <p>An error of the device that no later call survives is a {@link GpuLostError}, from whichever
 * call meets it.
 */
public interface Gpu extends AutoCloseable {
    /** Channels come in groups of so many: 16 bytes of bfloat16, as tensor cores want it. */
    int CHANNELS = 8;

    /** What it is. */
    GpuProperties properties();

    /**
     * Memory on the device, set to 0.
     *
     * @param bytes at least 1
     * @throws GpuOutOfMemoryException if the device, or the limit set for it, has no room
     */
    GpuMemory allocate(long bytes);

    /**
     * Pinned memory of the host, from which copies run beside computation; set to 0.
     *
     * @param bytes at least 1
     * @throws GpuOutOfMemoryException if the host cannot pin so much
     */
    HostMemory allocateHost(long bytes);

    /** A queue of work of its own. */
    GpuStream newStream();

    /**
     * A kernel of the sources that come with the executor, compiled for this device.
     *
     * @param precision format of the values that it reads and writes; {@link Precision#TF32} is
     *     float32 here
     * @param name name of the function in the sources
     * @throws IllegalArgumentException if there is none of that name
     */
    GpuKernel kernel(Precision precision, String name);

    /**
     * Whether the device computes the convolution and what {@link ConvolutionSpec#epilogue} asks
     * for in one.
     */
    boolean fuses(ConvolutionSpec spec);

    /**
     * A convolution made ready: repeatable, that is the same bits for the same arguments in every
     * run, and for every image whatever its slot.
     *
     * @throws UnsupportedOperationException if the device has no way to compute it; the message
     *     says what was asked for
     */
    GpuConvolution convolution(ConvolutionSpec spec);

    /** Gives the device back. Closing twice is harmless. */
    @Override
    void close();
}
