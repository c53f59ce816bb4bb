package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;

/**
 * The linear end of an energy network: an average pool (or none) and a convolution or dense layer
 * to a single number. Its gradient by what it reads is the same for every image: its weights, so
 * that it need not run at all.
 *
 * <pre>
 * U = b + sum_f g[f] features[f],   g[c, y, x] = W[c, y/w + padding, x/w + padding] / w^2, 0 outside
 * </pre>
 *
 * @param weights W and b
 * @param window w, 1 for no pool
 * @param features shape of what it reads
 */
record Head(Composition weights, int window, ImageShape features) {

    /** g in (c, y, x) order. */
    float[] gradient(float[] parameters) {
        float[] kernel = new float[weights.kernel().weights()];
        weights.compose(parameters, kernel);
        float[] gradient = new float[features.size()];
        float share = 1f / (window * window);
        int at = 0;
        for (int c = 0; c < features.channels(); c++) {
            for (int y = 0; y < features.height(); y++) {
                for (int x = 0; x < features.width(); x++) {
                    int index = index(c, y, x);
                    gradient[at++] = index < 0 ? 0 : share * kernel[index];
                }
            }
        }
        return gradient;
    }

    float bias(float[] parameters) {
        float[] bias = new float[1];
        weights.composeBias(parameters, bias);
        return bias[0];
    }

    /**
     * Adds {@code factor} times the gradient by the parameters.
     *
     * @param featureSum features, summed over images, each with its factor
     * @param layout order of the features
     * @param count sum of those factors
     */
    void addGradient(
            float[] parameters,
            float[] featureSum,
            Layout layout,
            float count,
            float factor,
            float[] gradient) {
        float[] kernel = new float[weights.kernel().weights()];
        float share = 1f / (window * window);
        for (int c = 0; c < features.channels(); c++) {
            for (int y = 0; y < features.height(); y++) {
                for (int x = 0; x < features.width(); x++) {
                    int index = index(c, y, x);
                    if (index >= 0) {
                        kernel[index] += share * featureSum[layout.index(features, c, y, x)];
                    }
                }
            }
        }
        weights.addGradient(parameters, kernel, new float[] {count}, factor, gradient);
    }

    /** Index of the weight that meets a feature, or -1 where none does. */
    private int index(int c, int y, int x) {
        Kernel kernel = weights.kernel();
        int p = y / window + kernel.padding();
        int q = x / window + kernel.padding();
        return p < kernel.rows() && q < kernel.columns()
                ? (c * kernel.rows() + p) * kernel.columns() + q
                : -1;
    }
}
