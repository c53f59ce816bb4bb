package io.ebmstream.ops.compute.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.Device;

/** The first GPU of this machine, for tests with the tag gpu. */
final class RealGpu {
    private RealGpu() {}

    /** The executor on it. Skips the test, and says why, where it cannot be had. */
    static CudaExecutor executor() {
        try {
            return CudaExecutor.on(Device.gpu(0));
        } catch (IllegalStateException e) {
            assumeTrue(false, "skipped, needs a GPU: " + e.getMessage());
            throw e;
        }
    }
}
