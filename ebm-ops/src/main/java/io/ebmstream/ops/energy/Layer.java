package io.ebmstream.ops.energy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * One operation of a {@link Network}: what it computes, which shape it gives and which weights it
 * has. Layers are values; their weights live in a flat parameter vector that the network lays out
 * ({@link Network#parameters()}).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Layer.Conv2d.class, name = "conv2d"),
    @JsonSubTypes.Type(value = Layer.Dense.class, name = "dense"),
    @JsonSubTypes.Type(value = Layer.LeakyRelu.class, name = "leaky_relu"),
    @JsonSubTypes.Type(value = Layer.Tanh.class, name = "tanh"),
    @JsonSubTypes.Type(value = Layer.Add.class, name = "add"),
    @JsonSubTypes.Type(value = Layer.AveragePool2d.class, name = "average_pool2d"),
    @JsonSubTypes.Type(value = Layer.UpsampleBilinear.class, name = "upsample_bilinear"),
    @JsonSubTypes.Type(value = Layer.BatchNorm.class, name = "batch_norm"),
    @JsonSubTypes.Type(value = Layer.Reshape.class, name = "reshape")
})
public sealed interface Layer {

    /**
     * A weight tensor of a layer.
     *
     * @param name its name within the layer
     * @param shape as the layer says
     * @param fanIn number of inputs of one output, for initialisers
     */
    record Tensor(String name, List<Integer> shape, int fanIn, ParameterKind kind) {
        public Tensor {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Shape of the result for inputs of these shapes.
     *
     * @throws IllegalArgumentException if the layer cannot take such inputs; the message says what
     *     it expects
     */
    ImageShape output(List<ImageShape> inputs);

    /** The layer's weights, in the order in which they stand in the parameter vector. */
    default List<Tensor> tensors() {
        return List.of();
    }

    /**
     * Multiply-adds of the forward pass for one result of this shape; 0 for what only touches every
     * value once or a few times.
     */
    default long multiplyAdds(ImageShape output) {
        return 0;
    }

    /**
     * Cross-correlation, as in PyTorch's {@code Conv2d}:
     *
     * <pre>
     * y[o, i, j] = b[o] + sum_{c, p, q} w[o, c, p, q] * x[c, i*stride + p - padding, j*stride + q - padding]
     * </pre>
     *
     * Weights have shape [out, in, k, k], the bias [out].
     *
     * @param bias whether there is a bias
     */
    record Conv2d(int in, int out, int kernel, int stride, int padding, boolean bias)
            implements Layer {
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

        /** With a bias. */
        public Conv2d(int in, int out, int kernel, int stride, int padding) {
            this(in, out, kernel, stride, padding, true);
        }

        /** From JSON, which said nothing of the bias when there always was one. */
        @JsonCreator
        static Conv2d of(
                @JsonProperty("in") int in,
                @JsonProperty("out") int out,
                @JsonProperty("kernel") int kernel,
                @JsonProperty("stride") int stride,
                @JsonProperty("padding") int padding,
                @JsonProperty("bias") Boolean bias) {
            return new Conv2d(in, out, kernel, stride, padding, bias == null || bias);
        }

        @Override
        public ImageShape output(List<ImageShape> inputs) {
            ImageShape input = Shapes.single(this, inputs);
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

        @Override
        public List<Tensor> tensors() {
            return Shapes.weightAndBias(
                    List.of(out, in, kernel, kernel), in * kernel * kernel, bias ? out : 0);
        }

        @Override
        public long multiplyAdds(ImageShape output) {
            return (long) weights() * output.height() * output.width();
        }

        /** Number of weights without the bias. */
        public int weights() {
            return out * in * kernel * kernel;
        }
    }

    /**
     * y = W x + b on all values of the input in (c, h, w) order. W has shape [out, in], b [out],
     * the result [out, 1, 1].
     *
     * @param bias whether there is a bias
     */
    record Dense(int in, int out, boolean bias) implements Layer {
        /**
         * @throws IllegalArgumentException if a size is below 1
         */
        public Dense {
            if (in < 1 || out < 1) {
                throw new IllegalArgumentException(
                        "expected in and out of at least 1, found " + in + " and " + out);
            }
        }

        @Override
        public ImageShape output(List<ImageShape> inputs) {
            ImageShape input = Shapes.single(this, inputs);
            if (input.size() != in) {
                throw new IllegalArgumentException(
                        "expected an input of " + in + " values for " + this + ", found " + input);
            }
            return new ImageShape(out, 1, 1);
        }

        @Override
        public List<Tensor> tensors() {
            return Shapes.weightAndBias(List.of(out, in), in, bias ? out : 0);
        }

        @Override
        public long multiplyAdds(ImageShape output) {
            return (long) in * out;
        }
    }

    /** y = x for x > 0, slope * x otherwise; the derivative at 0 is the slope. Slope 0 is ReLU. */
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
        public ImageShape output(List<ImageShape> inputs) {
            return Shapes.single(this, inputs);
        }
    }

    /** y = tanh x. */
    record Tanh() implements Layer {
        @Override
        public ImageShape output(List<ImageShape> inputs) {
            return Shapes.single(this, inputs);
        }
    }

    /** y = a + b of two inputs of the same shape: the end of a residual block. */
    record Add() implements Layer {
        @Override
        public ImageShape output(List<ImageShape> inputs) {
            if (inputs.size() != 2 || !inputs.get(0).equals(inputs.get(1))) {
                throw new IllegalArgumentException(
                        "expected two inputs of the same shape for " + this + ", found " + inputs);
            }
            return inputs.get(0);
        }
    }

    /**
     * Mean of every window x window square; squares do not overlap. With the window as large as the
     * image it is the global average pool.
     */
    record AveragePool2d(int window) implements Layer {
        /**
         * @throws IllegalArgumentException if the window is below 1
         */
        public AveragePool2d {
            if (window < 1) {
                throw new IllegalArgumentException(
                        "expected a window of at least 1, found " + window);
            }
        }

        @Override
        public ImageShape output(List<ImageShape> inputs) {
            ImageShape input = Shapes.single(this, inputs);
            if (input.height() % window != 0 || input.width() % window != 0) {
                throw new IllegalArgumentException(
                        "expected rows and columns in multiples of "
                                + window
                                + " for "
                                + this
                                + ", found "
                                + input);
            }
            return new ImageShape(
                    input.channels(), input.height() / window, input.width() / window);
        }
    }

    /**
     * Twice the rows and columns by bilinear interpolation between pixel centres, as PyTorch's
     * {@code Upsample(scale_factor=2, mode="bilinear", align_corners=False)}: result row i reads
     * rows around (i + 0.5) / 2 - 0.5, that is 3/4 of the nearest and 1/4 of the next; outside the
     * image the border row counts.
     */
    record UpsampleBilinear() implements Layer {
        @Override
        public ImageShape output(List<ImageShape> inputs) {
            ImageShape input = Shapes.single(this, inputs);
            return new ImageShape(input.channels(), 2 * input.height(), 2 * input.width());
        }
    }

    /**
     * Batch normalisation (Ioffe, Szegedy 2015, arXiv 1502.03167) of every channel:
     *
     * <pre>
     * y = scale * (x - mean) / sqrt(variance + epsilon) + shift
     * </pre>
     *
     * While it trains, mean and (biased) variance are those of the channel's values in the batch,
     * and the running statistics follow: running = (1 - momentum) running + momentum * batch, with
     * the unbiased variance. Otherwise they are the running statistics. All four tensors have shape
     * [channels].
     */
    record BatchNorm(int channels, double epsilon, double momentum) implements Layer {
        /** PyTorch's default. */
        public static final double DEFAULT_EPSILON = 1e-5;

        /** PyTorch's default. */
        public static final double DEFAULT_MOMENTUM = 0.1;

        /**
         * @throws IllegalArgumentException unless channels >= 1, epsilon > 0 and 0 < momentum <= 1
         */
        public BatchNorm {
            if (channels < 1 || !(epsilon > 0) || !(momentum > 0 && momentum <= 1)) {
                throw new IllegalArgumentException(
                        "expected channels of at least 1, epsilon above 0 and 0 < momentum <= 1, found "
                                + channels
                                + ", "
                                + epsilon
                                + ", "
                                + momentum);
            }
        }

        /** With the usual epsilon and momentum. */
        public static BatchNorm of(int channels) {
            return new BatchNorm(channels, DEFAULT_EPSILON, DEFAULT_MOMENTUM);
        }

        @Override
        public ImageShape output(List<ImageShape> inputs) {
            ImageShape input = Shapes.single(this, inputs);
            if (input.channels() != channels) {
                throw new IllegalArgumentException(
                        "expected " + channels + " channels for " + this + ", found " + input);
            }
            return input;
        }

        @Override
        public List<Tensor> tensors() {
            List<Tensor> tensors = new ArrayList<>();
            for (ParameterKind kind :
                    List.of(
                            ParameterKind.SCALE,
                            ParameterKind.SHIFT,
                            ParameterKind.RUNNING_MEAN,
                            ParameterKind.RUNNING_VARIANCE)) {
                tensors.add(new Tensor(kind.label(), List.of(channels), 1, kind));
            }
            return tensors;
        }
    }

    /** The same values, in (c, h, w) order, in another shape. */
    record Reshape(ImageShape shape) implements Layer {
        @Override
        public ImageShape output(List<ImageShape> inputs) {
            ImageShape input = Shapes.single(this, inputs);
            if (input.size() != shape.size()) {
                throw new IllegalArgumentException(
                        "expected "
                                + shape.size()
                                + " values for "
                                + this
                                + ", found "
                                + input.size()
                                + " in "
                                + input);
            }
            return shape;
        }
    }
}
