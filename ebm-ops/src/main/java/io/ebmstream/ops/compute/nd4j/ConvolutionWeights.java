package io.ebmstream.ops.compute.nd4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution by ND4J's {@code conv2d}, {@code deconv2d} and {@code conv2d_bp}, channels last,
 * weights [height, width, in, out] (ND4J's YXIO, the only order whose gradients are right for one
 * output channel).
 *
 * <p>{@code deconv2d} with the same weights is the gradient by the input, at the speed of the
 * forward pass; {@code conv2d_bp} always computes the gradient by the weights, too, and serves
 * where that is wanted. With oneDNN inside ND4J all three run at the rate of large matrix products,
 * and an image's bits do not depend on the size of its group.
 */
final class ConvolutionWeights implements LayerWeights {
    private static final int CHANNELS_LAST = 1;
    private static final int YXIO = 0;

    private final Kernel kernel;
    private final INDArray weights;
    private final INDArray bias;
    private final PreparedOp loadWeights;
    private final PreparedOp loadBias;
    private Gradient gradient;

    /**
     * @param parameters the flat vector that {@link #load} reads
     */
    ConvolutionWeights(Kernel kernel, INDArray parameters) {
        this.kernel = kernel;
        weights = FeatureMap.zeros(kernel.weights());
        bias = kernel.bias() ? FeatureMap.zeros(kernel.out()) : null;
        loadWeights = PreparedOp.copy(inVector(parameters), yxio(weights));
        loadBias =
                kernel.bias()
                        ? PreparedOp.copy(
                                FeatureMap.view(parameters, kernel.biasOffset(), kernel.out()),
                                bias)
                        : null;
    }

    private INDArray yxio(INDArray flat) {
        return FeatureMap.view(flat, 0, kernel.height(), kernel.width(), kernel.in(), kernel.out());
    }

    /** The weights in a flat vector, in the order of {@link #yxio}. */
    private INDArray inVector(INDArray vector) {
        return FeatureMap.view(
                        vector,
                        kernel.weightOffset(),
                        kernel.out(),
                        kernel.in(),
                        kernel.height(),
                        kernel.width())
                .permute(2, 3, 1, 0);
    }

    @Override
    public Stage stage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
        return new ConvolutionStage(x, y, gy, gx);
    }

    @Override
    public void load() {
        loadWeights.run();
        if (loadBias != null) {
            loadBias.run();
        }
    }

    @Override
    public void clearGradient() {
        gradient().clear.forEach(PreparedOp::run);
    }

    @Override
    public void storeGradient(INDArray flat) {
        inVector(flat).assign(yxio(gradient().weights));
        if (kernel.bias()) {
            FeatureMap.view(flat, kernel.biasOffset(), kernel.out()).assign(gradient().bias);
        }
    }

    private Gradient gradient() {
        if (gradient == null) {
            gradient = new Gradient();
        }
        return gradient;
    }

    @Override
    public void close() {
        loadWeights.close();
        weights.close();
        if (kernel.bias()) {
            loadBias.close();
            bias.close();
        }
        if (gradient != null) {
            gradient.close();
        }
    }

    /** A group's gradient by the weights, and the sum over groups; made when first wanted. */
    private final class Gradient implements AutoCloseable {
        private final INDArray groupWeights = FeatureMap.zeros(kernel.weights());
        private final INDArray groupBias = FeatureMap.zeros(kernel.out());
        private final INDArray weights = FeatureMap.zeros(kernel.weights());
        private final INDArray bias = FeatureMap.zeros(kernel.out());
        private final List<PreparedOp> clear =
                List.of(PreparedOp.fill(weights, 0), PreparedOp.fill(bias, 0));
        private final List<PreparedOp> sum =
                List.of(
                        PreparedOp.add(weights, groupWeights, weights),
                        PreparedOp.add(bias, groupBias, bias));

        @Override
        public void close() {
            clear.forEach(PreparedOp::close);
            sum.forEach(PreparedOp::close);
            for (INDArray array : List.of(groupWeights, groupBias, weights, bias)) {
                array.close();
            }
        }
    }

    private final class ConvolutionStage extends Stage {
        private final FeatureMap x;
        private final FeatureMap gy;
        private final FeatureMap gx;
        private final PreparedOp forward;
        private final PreparedOp inputGradient;
        private PreparedOp bothGradients;

        ConvolutionStage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx) {
            this.x = x;
            this.gy = gy;
            this.gx = gx;
            INDArray[] read =
                    kernel.bias()
                            ? new INDArray[] {x.array(), yxio(weights), bias}
                            : new INDArray[] {x.array(), yxio(weights)};
            forward = own(operation("conv2d", read, y.array()));
            inputGradient =
                    kernel.covers(x.shape())
                            ? own(
                                    operation(
                                            "deconv2d",
                                            new INDArray[] {gy.array(), yxio(weights)},
                                            gx.array()))
                            : bothGradients();
        }

        private PreparedOp operation(String name, INDArray[] inputs, INDArray... outputs) {
            return PreparedOp.named(
                    name,
                    inputs,
                    outputs,
                    kernel.height(),
                    kernel.width(),
                    kernel.stride(),
                    kernel.stride(),
                    kernel.padding(),
                    kernel.padding(),
                    1,
                    1,
                    0,
                    CHANNELS_LAST,
                    YXIO);
        }

        private PreparedOp bothGradients() {
            if (bothGradients == null) {
                Gradient group = gradient();
                bothGradients =
                        own(
                                kernel.bias()
                                        ? operation(
                                                "conv2d_bp",
                                                new INDArray[] {
                                                    x.array(), yxio(weights), bias, gy.array()
                                                },
                                                gx.array(),
                                                yxio(group.groupWeights),
                                                group.groupBias)
                                        : operation(
                                                "conv2d_bp",
                                                new INDArray[] {
                                                    x.array(), yxio(weights), gy.array()
                                                },
                                                gx.array(),
                                                yxio(group.groupWeights)));
            }
            return bothGradients;
        }

        @Override
        void forward() {
            forward.run();
        }

        @Override
        void backward(boolean parameters) {
            if (parameters) {
                bothGradients().run();
                gradient().sum.forEach(PreparedOp::run);
            } else {
                inputGradient.run();
            }
        }
    }
}
