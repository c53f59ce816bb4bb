package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract in float32 on a GPU, to 1e-5 of the reference: no tensor core takes part. */
@Tag("gpu")
class Float32OnGpuTest extends ExecutorContractTest {
    @BeforeAll
    static void needsGpu() {
        RealGpu.executor();
    }

    @Override
    protected Executor executor() {
        return RealGpu.executor();
    }
}
