package io.ebmstream.ops.compute.cuda.gpu;

/** A GPU, or the limit set for it, has no room for what was asked for; a smaller batch may fit. */
public final class GpuOutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected and found, and what to do
     */
    public GpuOutOfMemoryException(String message) {
        super(message);
    }
}
