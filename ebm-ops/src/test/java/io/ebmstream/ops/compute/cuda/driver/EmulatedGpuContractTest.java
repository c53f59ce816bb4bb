package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on the GPU that the executor is tested with where there is no other. */
class EmulatedGpuContractTest extends GpuContract {
    private static Gpu gpu;

    @BeforeAll
    static void open() {
        gpu = EmulatedGpu.open();
    }

    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
        }
    }

    @Override
    Gpu gpu() {
        return gpu;
    }

    @Override
    int repeats() {
        return 2;
    }

    @Override
    int slots() {
        return 4;
    }
}
