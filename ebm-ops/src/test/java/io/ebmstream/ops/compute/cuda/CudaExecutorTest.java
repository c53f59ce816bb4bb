package io.ebmstream.ops.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import org.junit.jupiter.api.Test;

class CudaExecutorTest {
    /** Records hold "machine executor/precision", and a replay takes that apart at the space. */
    @Test
    void itsMachineIsOneWordThatNamesTheGpu() {
        try (CudaExecutor executor = new CudaExecutor(EmulatedGpu.open())) {
            assertThat(executor.machine()).matches("\\S+").contains("/sm_90/emulator-");
            assertThat(executor.device()).contains("emulator", "compute capability 9.0");
        }
    }

    @Test
    void wantsWholeBatches() {
        try (CudaExecutor executor = new CudaExecutor(EmulatedGpu.open());
                WorkerPool pool = new WorkerPool(2, "test")) {
            Executor wrapped = ParallelExecutor.of(executor, pool, 4);
            assertThat(wrapped).isSameAs(executor);
        }
    }

    @Test
    void refusesSizesBelowOne() {
        try (EmulatedGpu gpu = EmulatedGpu.open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new CudaExecutor(gpu, 0, 1))
                    .withMessageContaining("found 0 and 1");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    new CudaExecutor(gpu)
                                            .compile(TestArrays.linear(1, 4), 0, Precision.FLOAT32))
                    .withMessageContaining("batch of at least 1, found 0");
        }
    }
}
