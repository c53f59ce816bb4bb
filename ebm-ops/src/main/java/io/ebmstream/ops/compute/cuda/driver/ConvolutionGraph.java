package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.cuda.global.cudnn;

/**
 * A convolution as cuDNN's graph of operations: tensors in memory order [n, h, w, c], weights [o,
 * p, q, c], sums in float32; with an epilogue, what lies between operations is float32 that never
 * reaches memory.
 *
 * @see <a href="https://docs.nvidia.com/deeplearning/cudnn/backend/latest/">cuDNN backend</a>
 */
final class ConvolutionGraph implements AutoCloseable {
    /** Names of the tensors that a run is given addresses for. */
    static final long VALUES = 1;

    static final long WEIGHTS = 2;
    static final long RESULTS = 3;
    static final long EXTRA = 4;

    private static final long ALIGNMENT = 16;

    private final Deque<Descriptor> owned = new ArrayDeque<>();
    private final List<Descriptor> operations = new ArrayList<>();
    private final ConvolutionSpec spec;
    private final Descriptor graph;
    private long nextVirtual = 100;

    ConvolutionGraph(ConvolutionSpec spec, CudnnTarget target) {
        this.spec = spec;
        boolean done = false;
        try {
            describe();
            graph = own(cudnn.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "" + spec);
            graph.descriptors(
                    cudnn.CUDNN_ATTR_OPERATIONGRAPH_OPS, operations.toArray(Descriptor[]::new));
            target.aimGraph(graph);
            graph.finish();
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    Descriptor graph() {
        return graph;
    }

    /** Whether a run needs the address of the bias or of the mask. */
    static boolean hasExtra(ConvolutionSpec spec) {
        return spec.epilogue() == Epilogue.BIAS
                || spec.epilogue() == Epilogue.MASK && spec.slope() != 1;
    }

    private void describe() {
        int type =
                spec.precision() == Precision.BFLOAT16
                        ? cudnn.CUDNN_DATA_BFLOAT16
                        : cudnn.CUDNN_DATA_FLOAT;
        long[] x = {spec.images(), spec.channels(), spec.height(), spec.width()};
        long[] y = {spec.images(), spec.filters(), spec.resultHeight(), spec.resultWidth()};
        long[] w = {spec.filters(), spec.channels(), spec.kernelHeight(), spec.kernelWidth()};
        switch (spec.pass()) {
            case FORWARD -> {
                Descriptor to = hasExtra(spec) ? virtual(y) : tensor(RESULTS, type, y);
                operation(
                        cudnn.CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                        new int[] {
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA
                        },
                        tensor(VALUES, type, x),
                        tensor(WEIGHTS, type, w),
                        to);
                if (hasExtra(spec)) {
                    bias(to, y, type);
                }
            }
            case INPUT_GRADIENT -> {
                Descriptor to = hasExtra(spec) ? virtual(x) : tensor(VALUES, type, x);
                operation(
                        cudnn.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                        new int[] {
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA
                        },
                        to,
                        tensor(WEIGHTS, type, w),
                        tensor(RESULTS, type, y));
                if (hasExtra(spec)) {
                    mask(to, x, type);
                }
            }
            case WEIGHT_GRADIENT -> {
                // Engines for bfloat16 store bfloat16, unless something follows within the graph.
                boolean widen = spec.precision() == Precision.BFLOAT16;
                Descriptor to = widen ? virtual(w) : tensor(WEIGHTS, type, w);
                operation(
                        cudnn.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                        new int[] {
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                            cudnn.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA
                        },
                        tensor(VALUES, type, x),
                        to,
                        tensor(RESULTS, type, y));
                if (widen) {
                    operations.add(
                            pointwise(cudnn.CUDNN_POINTWISE_IDENTITY, to)
                                    .descriptors(
                                            cudnn.CUDNN_ATTR_OPERATION_POINTWISE_YDESC,
                                            tensor(WEIGHTS, cudnn.CUDNN_DATA_FLOAT, w))
                                    .finish());
                }
            }
        }
    }

    /**
     * @param attributes names of: geometry, values, weights, results, factor of what is computed,
     *     factor of what was there
     */
    private void operation(
            int kind, int[] attributes, Descriptor values, Descriptor weights, Descriptor results) {
        Descriptor geometry =
                own(cudnn.CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "the geometry of " + spec)
                        .number(
                                cudnn.CUDNN_ATTR_CONVOLUTION_COMP_TYPE,
                                cudnn.CUDNN_TYPE_DATA_TYPE,
                                cudnn.CUDNN_DATA_FLOAT)
                        .number(
                                cudnn.CUDNN_ATTR_CONVOLUTION_CONV_MODE,
                                cudnn.CUDNN_TYPE_CONVOLUTION_MODE,
                                cudnn.CUDNN_CROSS_CORRELATION)
                        .longs(cudnn.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
                        .longs(cudnn.CUDNN_ATTR_CONVOLUTION_DILATIONS, 1, 1)
                        .longs(
                                cudnn.CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES,
                                spec.stride(),
                                spec.stride())
                        .longs(
                                cudnn.CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS,
                                spec.padding(),
                                spec.padding())
                        .longs(
                                cudnn.CUDNN_ATTR_CONVOLUTION_POST_PADDINGS,
                                spec.padding(),
                                spec.padding())
                        .finish();
        operations.add(
                own(kind, "" + spec)
                        .descriptors(attributes[0], geometry)
                        .descriptors(attributes[1], values)
                        .descriptors(attributes[2], weights)
                        .descriptors(attributes[3], results)
                        .decimal(attributes[4], 1)
                        .decimal(attributes[5], 0)
                        .finish());
    }

    /** + b[o], then the leaky ReLU unless it is none. */
    private void bias(Descriptor from, long[] shape, int type) {
        boolean leaky = spec.slope() != 1;
        Descriptor bias =
                tensor(EXTRA, cudnn.CUDNN_DATA_FLOAT, new long[] {1, spec.filters(), 1, 1});
        Descriptor sum = leaky ? virtual(shape) : tensor(RESULTS, type, shape);
        operations.add(
                pointwise(cudnn.CUDNN_POINTWISE_ADD, from)
                        .descriptors(cudnn.CUDNN_ATTR_OPERATION_POINTWISE_BDESC, bias)
                        .descriptors(cudnn.CUDNN_ATTR_OPERATION_POINTWISE_YDESC, sum)
                        .finish());
        if (leaky) {
            operations.add(
                    pointwise(cudnn.CUDNN_POINTWISE_RELU_FWD, sum)
                            .descriptors(
                                    cudnn.CUDNN_ATTR_OPERATION_POINTWISE_YDESC,
                                    tensor(RESULTS, type, shape))
                            .finish());
        }
    }

    /** Times 1 where the activation is above 0, times the slope elsewhere: at 0 too. */
    private void mask(Descriptor from, long[] shape, int type) {
        operations.add(
                pointwise(cudnn.CUDNN_POINTWISE_RELU_BWD, tensor(EXTRA, type, shape))
                        .descriptors(cudnn.CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, from)
                        .descriptors(
                                cudnn.CUDNN_ATTR_OPERATION_POINTWISE_DXDESC,
                                tensor(VALUES, type, shape))
                        .finish());
    }

    private Descriptor pointwise(int mode, Descriptor x) {
        Descriptor kind =
                own(cudnn.CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "the epilogue of " + spec)
                        .number(
                                cudnn.CUDNN_ATTR_POINTWISE_MODE,
                                cudnn.CUDNN_TYPE_POINTWISE_MODE,
                                mode)
                        .number(
                                cudnn.CUDNN_ATTR_POINTWISE_MATH_PREC,
                                cudnn.CUDNN_TYPE_DATA_TYPE,
                                cudnn.CUDNN_DATA_FLOAT);
        if (mode == cudnn.CUDNN_POINTWISE_RELU_FWD || mode == cudnn.CUDNN_POINTWISE_RELU_BWD) {
            kind.decimal(cudnn.CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP, 0)
                    .decimal(cudnn.CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, spec.slope());
        }
        return own(cudnn.CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, "the epilogue of " + spec)
                .descriptors(cudnn.CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind.finish())
                .descriptors(cudnn.CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    }

    /** Shape [n, c, h, w] in memory order [n, h, w, c]. */
    private Descriptor tensor(long id, int type, long[] shape) {
        return begin(id, type, shape).finish();
    }

    private Descriptor virtual(long[] shape) {
        return begin(nextVirtual++, cudnn.CUDNN_DATA_FLOAT, shape)
                .flag(cudnn.CUDNN_ATTR_TENSOR_IS_VIRTUAL, true)
                .finish();
    }

    private Descriptor begin(long id, int type, long[] shape) {
        long row = shape[1] * shape[3];
        return own(cudnn.CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor " + id + " of " + spec)
                .number(cudnn.CUDNN_ATTR_TENSOR_DATA_TYPE, cudnn.CUDNN_TYPE_DATA_TYPE, type)
                .longs(cudnn.CUDNN_ATTR_TENSOR_DIMENSIONS, shape)
                .longs(cudnn.CUDNN_ATTR_TENSOR_STRIDES, row * shape[2], 1, row, shape[1])
                .longs(cudnn.CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
                .longs(cudnn.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT);
    }

    private Descriptor own(int type, String what) {
        Descriptor descriptor = new Descriptor(type, what);
        owned.push(descriptor);
        return descriptor;
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().close();
        }
    }
}
