package io.ebmstream.ops.compute.onednn;

import java.util.Arrays;

/**
 * The weights of a convolution that does the work of several layers: a convolution W, b of stride
 * s, an average pool of w x w behind it, and a batch normalisation with fixed statistics behind
 * that.
 *
 * <pre>
 * W'[o, c, P, Q] = r[o] / w^2 * sum_{i, j < w} W[o, c, P - i s, Q - j s]    where the indices exist
 * b'[o]          = r[o] (b[o] - mean[o]) + shift[o],    r = scale / sqrt(variance + epsilon)
 * </pre>
 *
 * W' has side k + (w - 1) s and stride s w: a 3x3 convolution with a pool of 2 becomes 4x4 with
 * stride 2, 16 multiply-adds for each result instead of 36. Padding is the same zeros for both.
 *
 * @param source the convolution
 * @param weights offset of W in the parameter vector
 * @param bias offset of b, or -1 for none
 * @param window w, 1 for no pool
 * @param normalisation the batch normalisation, or null (r = 1, mean = shift = 0)
 */
record Composition(Kernel source, int weights, int bias, int window, Normalisation normalisation) {

    /** The convolution that runs. */
    Kernel kernel() {
        int more = (window - 1) * source.stride();
        return new Kernel(
                source.in(),
                source.out(),
                source.rows() + more,
                source.columns() + more,
                source.stride() * window,
                source.padding());
    }

    /** With an average pool behind it. */
    Composition pooled(int by) {
        return new Composition(source, weights, bias, window * by, normalisation);
    }

    /** With a batch normalisation behind it. */
    Composition normalised(Normalisation behind) {
        return new Composition(source, weights, bias, window, behind);
    }

    /** Writes W' into the first {@code kernel().weights()} values. */
    void compose(float[] parameters, float[] kernel) {
        if (window == 1) {
            System.arraycopy(parameters, weights, kernel, 0, source.weights());
        } else {
            spread(parameters, kernel);
        }
        if (normalisation != null) {
            int each = kernel().weights() / source.out();
            for (int o = 0; o < source.out(); o++) {
                float factor = (float) ratio(parameters, o);
                for (int i = 0; i < each; i++) {
                    kernel[o * each + i] *= factor;
                }
            }
        }
    }

    /** Writes b', one value for each result channel. */
    void composeBias(float[] parameters, float[] result) {
        for (int o = 0; o < source.out(); o++) {
            result[o] = bias < 0 ? 0 : parameters[bias + o];
            if (normalisation != null) {
                double centred = (double) result[o] - parameters[normalisation.mean() + o];
                result[o] =
                        (float)
                                (ratio(parameters, o) * centred
                                        + parameters[normalisation.shift() + o]);
            }
        }
    }

    /**
     * Adds {@code factor} times the gradient by the parameters, given those by W' and b'. By the
     * chain rule dW is the transposed map of dW'; with a normalisation dscale[o] = (dW'[o] . W[o] +
     * db'[o] (b[o] - mean[o])) / sqrt(variance[o] + epsilon), where W is pooled but not scaled.
     *
     * @param kernelGradient dW' in plain order; changed
     */
    void addGradient(
            float[] parameters,
            float[] kernelGradient,
            float[] biasGradient,
            float factor,
            float[] gradient) {
        if (normalisation != null) {
            throughNormalisation(parameters, kernelGradient, biasGradient, factor, gradient);
        }
        if (window == 1) {
            for (int i = 0; i < source.weights(); i++) {
                gradient[weights + i] += factor * kernelGradient[i];
            }
        } else {
            gather(kernelGradient, factor, gradient);
        }
        if (bias >= 0) {
            for (int o = 0; o < source.out(); o++) {
                float ratio = normalisation == null ? 1 : (float) ratio(parameters, o);
                gradient[bias + o] += factor * ratio * biasGradient[o];
            }
        }
    }

    private void throughNormalisation(
            float[] parameters,
            float[] kernelGradient,
            float[] biasGradient,
            float factor,
            float[] gradient) {
        int each = kernel().weights() / source.out();
        float[] unscaled = new float[kernel().weights()];
        pooled().compose(parameters, unscaled);
        for (int o = 0; o < source.out(); o++) {
            float offset = bias < 0 ? 0 : parameters[bias + o];
            double sum = biasGradient[o] * ((double) offset - parameters[normalisation.mean() + o]);
            float ratio = (float) ratio(parameters, o);
            for (int i = o * each; i < (o + 1) * each; i++) {
                sum += (double) kernelGradient[i] * unscaled[i];
                kernelGradient[i] *= ratio;
            }
            double inverse = normalisation.inverseDeviation(parameters, o);
            gradient[normalisation.scale() + o] += factor * (float) (sum * inverse);
            gradient[normalisation.shift() + o] += factor * biasGradient[o];
        }
    }

    private Composition pooled() {
        return new Composition(source, weights, bias, window, null);
    }

    private double ratio(float[] parameters, int o) {
        return parameters[normalisation.scale() + o]
                * normalisation.inverseDeviation(parameters, o);
    }

    private void spread(float[] parameters, float[] kernel) {
        Kernel wide = kernel();
        Arrays.fill(kernel, 0, wide.weights(), 0);
        float share = 1f / (window * window);
        int from = weights;
        for (int plane = 0; plane < source.out() * source.in(); plane++) {
            int to = plane * wide.rows() * wide.columns();
            for (int p = 0; p < source.rows(); p++) {
                for (int q = 0; q < source.columns(); q++) {
                    float value = parameters[from++] * share;
                    for (int i = 0; i < window; i++) {
                        int row = to + (p + i * source.stride()) * wide.columns() + q;
                        for (int j = 0; j < window; j++) {
                            kernel[row + j * source.stride()] += value;
                        }
                    }
                }
            }
        }
    }

    private void gather(float[] kernelGradient, float factor, float[] gradient) {
        Kernel wide = kernel();
        float share = factor / (window * window);
        int to = weights;
        for (int plane = 0; plane < source.out() * source.in(); plane++) {
            int from = plane * wide.rows() * wide.columns();
            for (int p = 0; p < source.rows(); p++) {
                for (int q = 0; q < source.columns(); q++) {
                    float sum = 0;
                    for (int i = 0; i < window; i++) {
                        int row = from + (p + i * source.stride()) * wide.columns() + q;
                        for (int j = 0; j < window; j++) {
                            sum += kernelGradient[row + j * source.stride()];
                        }
                    }
                    gradient[to++] += share * sum;
                }
            }
        }
    }
}
