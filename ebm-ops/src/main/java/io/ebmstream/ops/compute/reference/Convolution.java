package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import java.util.List;

/**
 * {@link Layer.Conv2d} and its two gradients, written as the definition reads:
 *
 * <pre>
 * y[o, i, j]  = b[o] + sum_{c, p, q} w[o, c, p, q] x[c, i s + p - pad, j s + q - pad]
 * gx[c, r, t] = sum over all (o, i, j, p, q) that read x[c, r, t] of w[o, c, p, q] gy[o, i, j]
 * gw[o, c, p, q] = sum_{i, j} gy[o, i, j] x[c, i s + p - pad, j s + q - pad],  gb[o] = sum gy[o]
 * </pre>
 *
 * Pixels outside the image are 0. Maps are flat [c, h, w], weights flat [out, in, k, k]. Immutable,
 * thread-safe.
 */
final class Convolution implements ImageOperation {
    private final Layer.Conv2d layer;
    private final ImageShape in;
    private final ImageShape out;
    private final int weights;
    private final int bias;

    /**
     * @param weights where the layer's weights begin in the flat parameter vector
     * @param bias where its bias begins; not read if it has none
     */
    Convolution(Layer.Conv2d layer, ImageShape in, int weights, int bias) {
        this.layer = layer;
        this.in = in;
        this.out = layer.output(List.of(in));
        this.weights = weights;
        this.bias = bias;
    }

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        for (int o = 0; o < out.channels(); o++) {
            for (int i = 0; i < out.height(); i++) {
                for (int j = 0; j < out.width(); j++) {
                    double sum = layer.bias() ? parameters[bias + o] : 0;
                    int from = firstTap(j);
                    int to = lastTap(j, in.width());
                    for (int c = 0; c < in.channels(); c++) {
                        for (int p = firstTap(i); p < lastTap(i, in.height()); p++) {
                            int w = weight(o, c, p);
                            int row = pixel(c, i, p, j);
                            for (int q = from; q < to; q++) {
                                sum += parameters[w + q] * x[row + q];
                            }
                        }
                    }
                    y[result(o, i, j)] = sum;
                }
            }
        }
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int o = 0; o < out.channels(); o++) {
            for (int i = 0; i < out.height(); i++) {
                for (int j = 0; j < out.width(); j++) {
                    double g = gy[result(o, i, j)];
                    int from = firstTap(j);
                    int to = lastTap(j, in.width());
                    for (int c = 0; c < in.channels(); c++) {
                        for (int p = firstTap(i); p < lastTap(i, in.height()); p++) {
                            int w = weight(o, c, p);
                            int row = pixel(c, i, p, j);
                            for (int q = from; q < to; q++) {
                                gx[row + q] += g * parameters[w + q];
                            }
                        }
                    }
                }
            }
        }
    }

    @Override
    public void parameterGradient(double[] x, double[] gy, double scale, double[] sum) {
        for (int o = 0; o < out.channels(); o++) {
            for (int i = 0; i < out.height(); i++) {
                for (int j = 0; j < out.width(); j++) {
                    double g = scale * gy[result(o, i, j)];
                    if (layer.bias()) {
                        sum[bias + o] += g;
                    }
                    int from = firstTap(j);
                    int to = lastTap(j, in.width());
                    for (int c = 0; c < in.channels(); c++) {
                        for (int p = firstTap(i); p < lastTap(i, in.height()); p++) {
                            int w = weight(o, c, p);
                            int row = pixel(c, i, p, j);
                            for (int q = from; q < to; q++) {
                                sum[w + q] += g * x[row + q];
                            }
                        }
                    }
                }
            }
        }
    }

    /** First row (or column) of the kernel that lies inside the image for result row i. */
    private int firstTap(int i) {
        return Math.max(0, layer.padding() - i * layer.stride());
    }

    /** One past the last row (or column) of the kernel that lies inside the image. */
    private int lastTap(int i, int pixels) {
        return Math.min(layer.kernel(), pixels + layer.padding() - i * layer.stride());
    }

    /** Index of the weight of (o, c, p, q = 0). */
    private int weight(int o, int c, int p) {
        return weights + ((o * in.channels() + c) * layer.kernel() + p) * layer.kernel();
    }

    /** Index of the pixel that result (i, j) reads with tap (p, q = 0); may lie before the row. */
    private int pixel(int c, int i, int p, int j) {
        int row = i * layer.stride() + p - layer.padding();
        return (c * in.height() + row) * in.width() + j * layer.stride() - layer.padding();
    }

    private int result(int o, int i, int j) {
        return (o * out.height() + i) * out.width() + j;
    }
}
