package io.ebmstream.ops.compute.cuda.gpu;

import io.ebmstream.ops.compute.Precision;

/**
 * A convolution, or one of its gradients, of a batch of images:
 *
 * <pre>
 * y[n, i, j, o] = sum_{p, q, c} w[o, p, q, c] x[n, i stride + p - padding, j stride + q - padding, c]
 * </pre>
 *
 * with values x [n, h, w, c], weights w [o, kh, kw, c] and results y [n, h', w', o] in memory in
 * that order, all in {@code precision}, summed in float32. h' = (h + 2 padding - kh) / stride + 1,
 * rounded down; w' likewise.
 *
 * @param pass which of the three is computed from the other two
 * @param precision format of values, weights and results; a gradient by weights is float32 always
 * @param images n
 * @param height h
 * @param width w
 * @param channels c, a multiple of {@link Gpu#CHANNELS}
 * @param filters o, a multiple of {@link Gpu#CHANNELS}
 * @param kernelHeight kh
 * @param kernelWidth kw
 * @param stride of rows and columns
 * @param padding rows and columns of zeros on every side, less than kh and kw
 * @param epilogue what is done with the result before it is stored
 * @param slope of the leaky ReLU in the epilogue; 1 where there is none
 */
public record ConvolutionSpec(
        Pass pass,
        Precision precision,
        int images,
        int height,
        int width,
        int channels,
        int filters,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int padding,
        Epilogue epilogue,
        float slope) {

    /** Which tensor is computed. */
    public enum Pass {
        /** y from x and w. */
        FORWARD,
        /** The gradient by x from the one by y, and w. */
        INPUT_GRADIENT,
        /** The gradient by w, float32, from x and the one by y. */
        WEIGHT_GRADIENT
    }

    /** What is done with the result, in float32, before it is stored. */
    public enum Epilogue {
        /** Nothing. */
        NONE,
        /** Forward: y + b[o], then the leaky ReLU; the bias is float32. */
        BIAS,
        /**
         * Gradient by x: times 1 where the activation a[n, h, w, c], of the results' format, is
         * above 0, times the slope elsewhere.
         */
        MASK
    }

    /**
     * @throws IllegalArgumentException if a size is out of range or the epilogue does not belong to
     *     the pass
     */
    public ConvolutionSpec {
        if (images < 1
                || height < 1
                || width < 1
                || kernelHeight < 1
                || kernelWidth < 1
                || stride < 1
                || padding < 0
                || padding >= Math.min(kernelHeight, kernelWidth)
                || height + 2 * padding < kernelHeight
                || width + 2 * padding < kernelWidth) {
            throw new IllegalArgumentException(
                    "expected sizes of at least 1 and a padded image no smaller than the kernel, found "
                            + images
                            + " images of "
                            + height
                            + "x"
                            + width
                            + ", kernel "
                            + kernelHeight
                            + "x"
                            + kernelWidth
                            + ", stride "
                            + stride
                            + ", padding "
                            + padding);
        }
        if (channels < 1
                || filters < 1
                || channels % Gpu.CHANNELS != 0
                || filters % Gpu.CHANNELS != 0) {
            throw new IllegalArgumentException(
                    "expected channels and filters in multiples of "
                            + Gpu.CHANNELS
                            + ", found "
                            + channels
                            + " and "
                            + filters);
        }
        if (epilogue == Epilogue.BIAS && pass != Pass.FORWARD
                || epilogue == Epilogue.MASK && pass != Pass.INPUT_GRADIENT) {
            throw new IllegalArgumentException(
                    "expected epilogue BIAS with FORWARD and MASK with INPUT_GRADIENT, found "
                            + epilogue
                            + " with "
                            + pass);
        }
        if (!(slope >= 0 && slope <= 1)) {
            throw new IllegalArgumentException("expected a slope in [0, 1], found " + slope);
        }
    }

    /** h'. */
    public int resultHeight() {
        return (height + 2 * padding - kernelHeight) / stride + 1;
    }

    /** w'. */
    public int resultWidth() {
        return (width + 2 * padding - kernelWidth) / stride + 1;
    }

    /** The same with another epilogue. */
    public ConvolutionSpec with(Epilogue other, float otherSlope) {
        return new ConvolutionSpec(
                pass,
                precision,
                images,
                height,
                width,
                channels,
                filters,
                kernelHeight,
                kernelWidth,
                stride,
                padding,
                other,
                otherSlope);
    }
}
