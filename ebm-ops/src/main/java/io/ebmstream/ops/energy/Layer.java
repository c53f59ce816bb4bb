package io.ebmstream.ops.energy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * One operation of a {@link Network}: what it computes and which shape it gives. Layers are values;
 * their weights live in a flat parameter vector that the network lays out ({@link
 * Network#parameters()}).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Layer.Conv2d.class, name = "conv2d"),
    @JsonSubTypes.Type(value = Layer.LeakyRelu.class, name = "leaky_relu")
})
public sealed interface Layer {

    /**
     * Shape of the result for an input of this shape.
     *
     * @throws IllegalArgumentException if the layer cannot take such an input; the message says
     *     what it expects
     */
    ImageShape output(ImageShape input);

    /**
     * Cross-correlation with bias, as in PyTorch's {@code Conv2d}:
     *
     * <pre>
     * y[o, i, j] = b[o] + sum_{c, p, q} w[o, c, p, q] * x[c, i*stride + p - padding, j*stride + q - padding]
     * </pre>
     *
     * Weights have shape [out, in, k, k], bias [out].
     */
    record Conv2d(int in, int out, int kernel, int stride, int padding) implements Layer {
        /**
         * @throws IllegalArgumentException if a size is out of range
         */
        public Conv2d {
            if (in < 1 || out < 1 || kernel < 1 || stride < 1 || padding < 0 || padding >= kernel) {
                throw new IllegalArgumentException(
                        "expected in, out, kernel and stride of at least 1 and 0 <= padding < kernel, found in "
                                + in
                                + ", out "
                                + out
                                + ", kernel "
                                + kernel
                                + ", stride "
                                + stride
                                + ", padding "
                                + padding);
            }
        }

        @Override
        public ImageShape output(ImageShape input) {
            int h = (input.height() + 2 * padding - kernel) / stride + 1;
            int w = (input.width() + 2 * padding - kernel) / stride + 1;
            if (input.channels() != in
                    || input.height() + 2 * padding < kernel
                    || input.width() + 2 * padding < kernel) {
                throw new IllegalArgumentException(
                        "expected an input of "
                                + in
                                + " channels and at least "
                                + (kernel - 2 * padding)
                                + " rows and columns for "
                                + this
                                + ", found "
                                + input);
            }
            return new ImageShape(out, h, w);
        }

        /** Number of weights without the bias. */
        public int weights() {
            return out * in * kernel * kernel;
        }
    }

    /** y = x for x > 0, slope * x otherwise; the derivative at 0 is the slope. */
    record LeakyRelu(double slope) implements Layer {
        /**
         * @throws IllegalArgumentException unless 0 <= slope < 1
         */
        public LeakyRelu {
            if (!(slope >= 0 && slope < 1)) {
                throw new IllegalArgumentException("expected a slope in [0, 1), found " + slope);
            }
        }

        @Override
        public ImageShape output(ImageShape input) {
            return input;
        }
    }
}
