package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Bfloat16Tolerance;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * The contract in tf32 on a GPU. Products take 11 bits of the significand, 8 times as fine as
 * bf16's 8: errors of rounding shrink as much, those of activations whose sign turns as its root.
 */
@Tag("gpu")
class Tf32OnGpuTest extends ExecutorContractTest {
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
        return Precision.TF32;
    }

    @Override
    protected double outputTolerance(Network network) {
        return Bfloat16Tolerance.of(network).output() / 8;
    }

    @Override
    protected double inputGradientTolerance(Network network) {
        return Bfloat16Tolerance.of(network).inputGradient() / Math.sqrt(8);
    }

    @Override
    protected double parameterGradientTolerance(Network network) {
        return Bfloat16Tolerance.of(network).parameterGradient() / Math.sqrt(8);
    }
}
