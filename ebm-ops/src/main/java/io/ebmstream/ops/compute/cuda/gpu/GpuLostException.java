package io.ebmstream.ops.compute.cuda.gpu;

/**
 * A GPU failed in a way that spoils everything on it: results since the last synchronisation are
 * not to be used, and this process cannot use the device again.
 */
public final class GpuLostException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what failed, the device's own word for it, and what to do
     */
    public GpuLostException(String message) {
        super(message);
    }
}
