package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.energy.Network;

/** The reference executor keeps the contract, too; the comparison with itself is exact. */
class ReferenceExecutorTest extends ExecutorContractTest {

    @Override
    protected Executor executor() {
        return new ReferenceExecutor();
    }

    @Override
    protected double outputTolerance(Network network) {
        return 0;
    }

    @Override
    protected double inputGradientTolerance(Network network) {
        return 0;
    }

    @Override
    protected double parameterGradientTolerance(Network network) {
        return 0;
    }
}
