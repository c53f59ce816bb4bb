package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;

/** The contract in float32, to 1e-5 of the reference. */
class OneDnnFloat32Test extends ExecutorContractTest {

    @Override
    protected Executor executor() {
        return new OneDnnExecutor();
    }
}
