package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;

/** A {@link ConvolutionSpec} by loops in double precision, and what its rounding may amount to. */
final class PlainConvolution {
    /** The result. */
    final double[] sum;

    /** Sum of the terms' absolute values: errors are in proportion to it. */
    final double[] size;

    private final ConvolutionSpec spec;
    private final float[] x;
    private final float[] w;
    private final float[] y;

    /**
     * @param x values, [n, h, w, c]; null where they are the result; likewise the others
     * @param extra bias or mask; null without an epilogue
     */
    PlainConvolution(ConvolutionSpec spec, float[] x, float[] w, float[] y, float[] extra) {
        this.spec = spec;
        this.x = x;
        this.w = w;
        this.y = y;
        int length =
                switch (spec.pass()) {
                    case FORWARD -> yLength(spec);
                    case INPUT_GRADIENT -> xLength(spec);
                    case WEIGHT_GRADIENT -> wLength(spec);
                };
        sum = new double[length];
        size = new double[length];
        addAll();
        for (int i = 0; i < length && extra != null; i++) {
            if (spec.epilogue() == Epilogue.BIAS) {
                float bias = extra[i % spec.filters()];
                sum[i] += bias;
                size[i] += Math.abs(bias);
                sum[i] *= sum[i] > 0 ? 1 : spec.slope();
            } else if (spec.epilogue() == Epilogue.MASK) {
                sum[i] *= extra[i] > 0 ? 1 : spec.slope();
            }
        }
    }

    static int xLength(ConvolutionSpec spec) {
        return spec.images() * spec.height() * spec.width() * spec.channels();
    }

    static int wLength(ConvolutionSpec spec) {
        return spec.filters() * spec.kernelHeight() * spec.kernelWidth() * spec.channels();
    }

    static int yLength(ConvolutionSpec spec) {
        return spec.images() * spec.resultHeight() * spec.resultWidth() * spec.filters();
    }

    private void addAll() {
        for (int n = 0; n < spec.images(); n++) {
            for (int i = 0; i < spec.resultHeight(); i++) {
                for (int j = 0; j < spec.resultWidth(); j++) {
                    for (int p = 0; p < spec.kernelHeight(); p++) {
                        for (int q = 0; q < spec.kernelWidth(); q++) {
                            addPixel(n, i, j, p, q);
                        }
                    }
                }
            }
        }
    }

    private void addPixel(int n, int i, int j, int p, int q) {
        int row = i * spec.stride() + p - spec.padding();
        int column = j * spec.stride() + q - spec.padding();
        if (row < 0 || row >= spec.height() || column < 0 || column >= spec.width()) {
            return;
        }
        int channels = spec.channels();
        int filters = spec.filters();
        int atX = ((n * spec.height() + row) * spec.width() + column) * channels;
        int atY = ((n * spec.resultHeight() + i) * spec.resultWidth() + j) * filters;
        for (int o = 0; o < filters; o++) {
            int atW = ((o * spec.kernelHeight() + p) * spec.kernelWidth() + q) * channels;
            for (int c = 0; c < channels; c++) {
                switch (spec.pass()) {
                    case FORWARD -> add(atY + o, (double) x[atX + c] * w[atW + c]);
                    case INPUT_GRADIENT -> add(atX + c, (double) y[atY + o] * w[atW + c]);
                    case WEIGHT_GRADIENT -> add(atW + c, (double) x[atX + c] * y[atY + o]);
                }
            }
        }
    }

    private void add(int at, double term) {
        sum[at] += term;
        size[at] += Math.abs(term);
    }
}
