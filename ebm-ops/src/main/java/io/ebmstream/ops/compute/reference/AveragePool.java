package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import java.util.Arrays;
import java.util.List;

/**
 * {@link Layer.AveragePool2d}: y is the mean of a window, and each of its pixels gets gy /
 * window^2. Immutable, thread-safe.
 */
final class AveragePool implements ImageOperation {
    private final int window;
    private final ImageShape in;
    private final ImageShape out;

    AveragePool(Layer.AveragePool2d layer, ImageShape in) {
        this.window = layer.window();
        this.in = in;
        this.out = layer.output(List.of(in));
    }

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        Arrays.fill(y, 0);
        for (int j = 0; j < x.length; j++) {
            y[windowOf(j)] += x[j] / (window * window);
        }
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int j = 0; j < x.length; j++) {
            gx[j] += gy[windowOf(j)] / (window * window);
        }
    }

    /** Index of the result that pixel j counts for. */
    private int windowOf(int j) {
        int channel = j / (in.height() * in.width());
        int row = j / in.width() % in.height();
        int column = j % in.width();
        return (channel * out.height() + row / window) * out.width() + column / window;
    }
}
