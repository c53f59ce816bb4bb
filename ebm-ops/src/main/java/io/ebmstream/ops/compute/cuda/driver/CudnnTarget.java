package io.ebmstream.ops.compute.cuda.driver;

import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.global.cudnn;

/** What a convolution is planned for: a device at hand, or one that is only described. */
sealed interface CudnnTarget {
    void aimGraph(Descriptor graph);

    void aimHeuristics(Descriptor heuristics);

    void aimPlan(Descriptor plan);

    /** A device at hand. */
    record Handle(cudnnContext handle) implements CudnnTarget {
        @Override
        public void aimGraph(Descriptor graph) {
            graph.address(cudnn.CUDNN_ATTR_OPERATIONGRAPH_HANDLE, cudnn.CUDNN_TYPE_HANDLE, handle);
        }

        @Override
        public void aimHeuristics(Descriptor heuristics) {
            // the graph's
        }

        @Override
        public void aimPlan(Descriptor plan) {
            plan.address(cudnn.CUDNN_ATTR_EXECUTION_PLAN_HANDLE, cudnn.CUDNN_TYPE_HANDLE, handle);
        }
    }

    /**
     * A device of these properties, for plans that are made but not run.
     *
     * @param properties a finished CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, the caller's
     */
    record Described(Descriptor properties) implements CudnnTarget {
        @Override
        public void aimGraph(Descriptor graph) {
            // a graph needs no device
        }

        @Override
        public void aimHeuristics(Descriptor heuristics) {
            heuristics.descriptors(cudnn.CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, properties);
        }

        @Override
        public void aimPlan(Descriptor plan) {
            plan.descriptors(cudnn.CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, properties);
        }
    }
}
