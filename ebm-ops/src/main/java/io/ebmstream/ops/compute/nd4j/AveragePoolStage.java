package io.ebmstream.ops.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Average pool of windows that do not overlap, by ND4J's {@code avgpool2d}, channels last. */
final class AveragePoolStage extends Stage {
    private final PreparedOp forward;
    private final PreparedOp backward;

    AveragePoolStage(int window, FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        int[] integers = {window, window, window, window, 0, 0, 1, 1, 0, 0, 1};
        forward =
                own(
                        PreparedOp.named(
                                "avgpool2d",
                                new INDArray[] {x.array()},
                                new INDArray[] {y.array()},
                                integers));
        backward =
                own(
                        PreparedOp.named(
                                "avgpool2d_bp",
                                new INDArray[] {x.array(), gy.array()},
                                new INDArray[] {gx.array()},
                                integers));
    }

    @Override
    void forward() {
        forward.run();
    }

    @Override
    void backward(boolean parameters) {
        backward.run();
    }
}
