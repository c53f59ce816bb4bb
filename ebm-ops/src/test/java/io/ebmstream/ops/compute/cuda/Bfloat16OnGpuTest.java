package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Bfloat16Tolerance;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * The contract in bf16 on a GPU, as far as {@link Bfloat16Tolerance} allows, and a fifth more for
 * outputs: see {@link CudaBfloat16Test}.
 */
@Tag("gpu")
class Bfloat16OnGpuTest extends ExecutorContractTest {
    @BeforeAll
    static void needsGpu() {
        RealGpu.executor();
    }

    @Override
    protected Executor executor() {
        return RealGpu.executor();
    }

    @Override
    protected Precision precision() {
        return Precision.BFLOAT16;
    }

    @Override
    protected double outputTolerance(Network network) {
        return 1.2 * Bfloat16Tolerance.of(network).output();
    }

    @Override
    protected double inputGradientTolerance(Network network) {
        return Bfloat16Tolerance.of(network).inputGradient();
    }

    @Override
    protected double parameterGradientTolerance(Network network) {
        return Bfloat16Tolerance.of(network).parameterGradient();
    }
}
