package io.ebmstream.ops.compute.cuda.gpu;

/**
 * A queue of work on a GPU: it is done in the order in which it was put in, and beside that of
 * other streams. Calls return at once; an error may only show in a later call.
 */
public interface GpuStream extends AutoCloseable {

    /**
     * Queues a kernel.
     *
     * @param kernel of the same GPU
     * @param blocks number of blocks, at least 1
     * @param threads threads of each block, a multiple of 32 from 32 to 1024
     * @param arguments in the kernel's order: {@link Long} for addresses and 64-bit integers,
     *     {@link Integer} and {@link Float}
     */
    void launch(GpuKernel kernel, int blocks, int threads, Object... arguments);

    /**
     * Queues a convolution. Which tensors there are: {@link ConvolutionSpec}.
     *
     * @param values address of the values of the forward pass's input
     * @param weights address of the weights, or of their float32 gradient
     * @param results address of the forward pass's results, or of the gradient by them
     * @param extra address of the bias, or of the activations that mask; 0 without an epilogue
     * @param workspace address of {@link GpuConvolution#workspaceBytes} bytes; 0 if it needs none
     */
    void launch(
            GpuConvolution convolution,
            long values,
            long weights,
            long results,
            long extra,
            long workspace);

    /** Queues a copy of {@code bytes} from the beginning of a piece to an address of the device. */
    void upload(HostMemory from, long to, long bytes);

    /** Queues a copy of {@code bytes} from an address of the device to the beginning of a piece. */
    void download(long from, HostMemory to, long bytes);

    /** Queues setting {@code bytes} from an address on to 0. */
    void clear(long address, long bytes);

    /**
     * Records what {@code work} puts into this stream instead of doing it.
     *
     * @param work only launches and clears
     */
    GpuGraph capture(Runnable work);

    /** Queues what a graph of this GPU recorded, as a whole. */
    void launch(GpuGraph graph);

    /**
     * Waits until all that was queued is done.
     *
     * @throws GpuLostError if the device failed at it
     */
    void synchronize();

    /** Waits, and gives the queue back. Closing twice is harmless. */
    @Override
    void close();
}
