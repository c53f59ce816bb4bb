package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;

/** The reference executor keeps the contract, too; the comparison with itself is exact. */
class ReferenceExecutorTest extends ExecutorContractTest {

    @Override
    protected Executor executor() {
        return new ReferenceExecutor();
    }

    @Override
    protected double energyTolerance() {
        return 0;
    }

    @Override
    protected double inputGradientTolerance() {
        return 0;
    }

    @Override
    protected double parameterGradientTolerance() {
        return 0;
    }
}
