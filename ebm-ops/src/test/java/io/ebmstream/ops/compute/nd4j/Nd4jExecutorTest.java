package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;

class Nd4jExecutorTest extends ExecutorContractTest {

    @Override
    protected Executor executor() {
        return new Nd4jExecutor();
    }
}
