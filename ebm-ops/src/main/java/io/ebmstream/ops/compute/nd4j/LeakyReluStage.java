package io.ebmstream.ops.compute.nd4j;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.custom.Max;

/**
 * Leaky ReLU, max(x, slope x); its derivative max(step(y), slope) is read off the sign of the
 * result. ND4J's own lrelu and relu operations are ten times slower. Maps may be the same on both
 * sides: then it works in place.
 */
final class LeakyReluStage extends Stage {
    private final List<PreparedOp> forward = new ArrayList<>();
    private final List<PreparedOp> backward = new ArrayList<>();

    LeakyReluStage(double slope, FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        INDArray from = x.buffer();
        INDArray to = y.buffer();
        INDArray scratch = scratch(to.length());
        if (slope == 0) {
            forward.add(own(PreparedOp.of(new ScalarMax(from, null, to, 0))));
        } else {
            forward.add(own(PreparedOp.scale(from, slope, scratch)));
            forward.add(own(PreparedOp.of((CustomOp) new Max(from, scratch, to))));
        }
        backward.add(own(PreparedOp.of(new Step(to, scratch, 0))));
        if (slope != 0) {
            backward.add(own(PreparedOp.of(new ScalarMax(scratch, null, scratch, slope))));
        }
        backward.add(own(PreparedOp.multiply(gy.buffer(), scratch, gx.buffer())));
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
