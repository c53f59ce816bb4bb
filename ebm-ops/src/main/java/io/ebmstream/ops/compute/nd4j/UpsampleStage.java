package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.energy.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Bilinear interpolation to twice the rows and columns: first along rows, then along columns. */
final class UpsampleStage extends Stage {
    private final DoubleAxis rows;
    private final DoubleAxis columns;

    UpsampleStage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        ImageShape shape = x.shape();
        int n = x.images();
        int h = shape.height();
        int w = shape.width();
        int c = shape.channels();
        INDArray between = scratch(2 * x.buffer().length());
        INDArray gradient = scratch(between.length());
        rows = new DoubleAxis(n, h, (long) w * c, x.buffer(), between, gradient, gx.buffer());
        columns =
                new DoubleAxis((long) n * 2 * h, w, c, between, y.buffer(), gy.buffer(), gradient);
    }

    @Override
    void forward() {
        rows.forward();
        columns.forward();
    }

    @Override
    void backward(boolean parameters) {
        columns.backward(parameters);
        rows.backward(parameters);
    }

    @Override
    public void close() {
        rows.close();
        columns.close();
        super.close();
    }
}
