package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract in float32, on a GPU that computes everything that it may in one, with one lane for
 * all images.
 */
class CudaFloat32Test extends ExecutorContractTest {
    private static EmulatedGpu gpu;

    @BeforeAll
    static void open() {
        gpu = EmulatedGpu.open();
    }

    /** Fails if memory, streams or graphs were left open. */
    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
        }
    }

    @Override
    protected Executor executor() {
        return new CudaExecutor(gpu);
    }
}
