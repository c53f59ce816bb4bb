package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Bfloat16Tolerance;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** The contract in bf16, as far as {@link Bfloat16Tolerance} allows. */
class OneDnnBfloat16Test extends ExecutorContractTest {

    @BeforeAll
    static void needsBfloat16() {
        Assumptions.assumeTrue(
                new OneDnnExecutor().precisions().contains(Precision.BFLOAT16),
                "skipped: oneDNN has no bf16 on this processor");
    }

    @Override
    protected Executor executor() {
        return new OneDnnExecutor();
    }

    @Override
    protected Precision precision() {
        return Precision.BFLOAT16;
    }

    @Override
    protected double outputTolerance(Network network) {
        return Bfloat16Tolerance.of(network).output();
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
