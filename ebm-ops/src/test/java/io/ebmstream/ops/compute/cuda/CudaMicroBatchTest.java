package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract in float32, in micro-batches of two images over two lanes, on a GPU that computes
 * convolutions only, and what stands before or behind them apart.
 */
class CudaMicroBatchTest extends ExecutorContractTest {
    private static EmulatedGpu gpu;

    @BeforeAll
    static void open() {
        gpu = EmulatedGpu.builder().fuses(false, false).open();
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
        return new CudaExecutor(gpu, 2, 2);
    }
}
