package io.ebmstream.ops.compute.cuda.gpu;

/**
 * A GPU failed in a way that spoils everything on it: results since the last synchronisation are
 * not to be used, and this process cannot use the device again. An error of the virtual machine, so
 * that nobody takes it for a bad image, and that Flink ends the task manager, whose successor goes
 * on from the last checkpoint.
 */
public final class GpuLostError extends InternalError {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what failed, the device's own word for it, and what to do
     */
    public GpuLostError(String message) {
        super(message);
    }
}
