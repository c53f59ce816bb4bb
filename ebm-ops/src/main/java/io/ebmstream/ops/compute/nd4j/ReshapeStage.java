package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.energy.ImageShape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The same values in another shape. The order that counts is (channel, row, column), so they go
 * through an array that has it.
 */
final class ReshapeStage extends Stage {
    private final List<PreparedOp> forward;
    private final List<PreparedOp> backward;

    ReshapeStage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        INDArray ordered = scratch(x.buffer().length());
        INDArray before = planes(ordered, x);
        INDArray after = planes(ordered, y);
        forward =
                List.of(
                        own(PreparedOp.copy(x.planes(), before)),
                        own(PreparedOp.copy(after, y.planes())));
        backward =
                List.of(
                        own(PreparedOp.copy(gy.planes(), after)),
                        own(PreparedOp.copy(before, gx.planes())));
    }

    private static INDArray planes(INDArray ordered, FeatureMap map) {
        ImageShape shape = map.shape();
        return FeatureMap.view(
                ordered, 0, map.images(), shape.channels(), shape.height(), shape.width());
    }

    @Override
    void forward() {
        forward.forEach(PreparedOp::run);
    }

    @Override
    void backward(boolean parameters) {
        backward.forEach(PreparedOp::run);
    }
}
