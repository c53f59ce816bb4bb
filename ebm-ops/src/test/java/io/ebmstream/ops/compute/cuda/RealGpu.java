package io.ebmstream.ops.compute.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.Device;

/** The first GPU of this machine, for tests with the tag gpu. */
final class RealGpu {
    private RealGpu() {}

    /**
     * The executor on it, or on that of the system property {@code ebm.gpu.index}. Skips the test,
     * and says why, where it cannot be had; with {@code -Debm.gpu=required} that is an error.
     */
    static CudaExecutor executor() {
        try {
            return CudaExecutor.on(Device.gpu(Integer.getInteger("ebm.gpu.index", 0)));
        } catch (IllegalStateException e) {
            assumeTrue(
                    "required".equals(System.getProperty("ebm.gpu")),
                    "skipped, needs a GPU: " + e.getMessage());
            throw e;
        }
    }
}
