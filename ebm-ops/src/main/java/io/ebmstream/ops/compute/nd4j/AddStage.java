package io.ebmstream.ops.compute.nd4j;

import java.util.List;

/** y = a + b; both gradients are the result's. */
final class AddStage extends Stage {
    private final PreparedOp forward;
    private final List<PreparedOp> backward;

    AddStage(
            FeatureMap a, FeatureMap b, FeatureMap y, FeatureMap gy, FeatureMap ga, FeatureMap gb) {
        forward = own(PreparedOp.add(a.buffer(), b.buffer(), y.buffer()));
        backward =
                List.of(
                        own(PreparedOp.copy(gy.buffer(), ga.buffer())),
                        own(PreparedOp.copy(gy.buffer(), gb.buffer())));
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
