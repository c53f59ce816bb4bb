package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.CudaGpus;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;

/** Opens a GPU in a process of its own and prints how that went. */
final class OpenGpu {
    private OpenGpu() {}

    public static void main(String[] arguments) {
        try (Gpu gpu = CudaGpus.open(0, 0)) {
            System.out.println("opened " + gpu.properties());
        } catch (RuntimeException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
