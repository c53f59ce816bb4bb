package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuGraph;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.global.cudart;

/** An instantiated graph. */
final class CudaGraph implements GpuGraph {
    private final CudaContext context;
    private final CUgraphExec_st graph = new CUgraphExec_st();
    private boolean closed;

    /**
     * @param recorded stays the caller's
     */
    CudaGraph(CudaContext context, CUgraph_st recorded) {
        this.context = context;
        context.check(
                cudart.cuGraphInstantiate(graph, recorded, 0), "to make a graph that it can run");
    }

    CUgraphExec_st graph() {
        if (closed) {
            throw new IllegalStateException("expected an open graph, found it closed");
        }
        return graph;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            context.enterToClose();
            context.checkClosing(cudart.cuGraphExecDestroy(graph), "to free a graph");
        }
    }
}
