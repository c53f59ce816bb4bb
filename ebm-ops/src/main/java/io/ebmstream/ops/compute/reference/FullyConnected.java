package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.energy.Layer;

/**
 * {@link Layer.Dense} and its gradients:
 *
 * <pre>
 * y[o] = b[o] + sum_i w[o, i] x[i],   gx[i] = sum_o w[o, i] gy[o],   gw[o, i] = gy[o] x[i],   gb = gy
 * </pre>
 *
 * Immutable, thread-safe.
 */
final class FullyConnected implements ImageOperation {
    private final Layer.Dense layer;
    private final int weights;
    private final int bias;

    /**
     * @param weights where the layer's weights begin in the flat parameter vector
     * @param bias where its bias begins; not read if it has none
     */
    FullyConnected(Layer.Dense layer, int weights, int bias) {
        this.layer = layer;
        this.weights = weights;
        this.bias = bias;
    }

    @Override
    public void forward(double[] parameters, double[] x, double[] y) {
        for (int o = 0; o < layer.out(); o++) {
            double sum = layer.bias() ? parameters[bias + o] : 0;
            for (int i = 0; i < layer.in(); i++) {
                sum += parameters[weight(o, i)] * x[i];
            }
            y[o] = sum;
        }
    }

    @Override
    public void inputGradient(
            double[] parameters, double[] x, double[] y, double[] gy, double[] gx) {
        for (int o = 0; o < layer.out(); o++) {
            for (int i = 0; i < layer.in(); i++) {
                gx[i] += parameters[weight(o, i)] * gy[o];
            }
        }
    }

    @Override
    public void parameterGradient(double[] x, double[] gy, double scale, double[] sum) {
        for (int o = 0; o < layer.out(); o++) {
            double g = scale * gy[o];
            if (layer.bias()) {
                sum[bias + o] += g;
            }
            for (int i = 0; i < layer.in(); i++) {
                sum[weight(o, i)] += g * x[i];
            }
        }
    }

    private int weight(int o, int i) {
        return weights + o * layer.in() + i;
    }
}
