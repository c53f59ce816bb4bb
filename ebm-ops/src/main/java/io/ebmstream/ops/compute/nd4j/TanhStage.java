package io.ebmstream.ops.compute.nd4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.OneMinus;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Tanh;

/** y = tanh x; the gradient is gy (1 - y^2), read off the result. */
final class TanhStage extends Stage {
    private final PreparedOp forward;
    private final List<PreparedOp> backward;

    TanhStage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        INDArray value = y.buffer();
        INDArray slope = scratch(value.length());
        forward = own(PreparedOp.of(new Tanh(x.buffer(), value)));
        backward =
                List.of(
                        own(PreparedOp.multiply(value, value, slope)),
                        own(PreparedOp.of(new OneMinus(slope, slope))),
                        own(PreparedOp.multiply(gy.buffer(), slope, gx.buffer())));
    }

    @Override
    void forward() {
        forward.run();
    }

    @Override
    void backward(boolean parameters) {
        backward.forEach(PreparedOp::run);
    }
}
