package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.global.cudnn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * cuDNN on one device. Its handle is made when first needed, which takes a second. A handle is for
 * one thread at a time, so that this class lets one in.
 */
final class Cudnn implements AutoCloseable {
    /** Oldest version that has all that is used here, as cuDNN counts. */
    private static final long OLDEST = 90_000;

    private static final Logger LOG = LoggerFactory.getLogger(Cudnn.class);
    private static final int MESSAGE = 1024;

    private final CudaContext context;
    private final cudnnContext handle = new cudnnContext();
    private final SharedPlans<ConvolutionPlan> plans = new SharedPlans<>();
    private final Set<ConvolutionSpec> notFused = new HashSet<>();
    private long current;

    Cudnn(CudaContext context) {
        this.context = context;
    }

    /** For example 9.24.0. */
    static String version() {
        long version = cudnn.cudnnGetVersion();
        if (version < OLDEST) {
            throw new IllegalStateException(
                    "expected cuDNN 9 or newer, found version " + version + "; update it");
        }
        return version / 10_000 + "." + version % 10_000 / 100 + "." + version % 100;
    }

    /** As {@link io.ebmstream.ops.compute.cuda.gpu.Gpu#fuses}. */
    synchronized boolean fuses(ConvolutionSpec spec) {
        if (spec.epilogue() == ConvolutionSpec.Epilogue.NONE) {
            return true;
        }
        return !notFused.contains(spec)
                && (plans.has(spec, s -> heard(ConvolutionPlan.findFast(s, target())))
                        || !notFused.add(spec));
    }

    /** As {@link io.ebmstream.ops.compute.cuda.gpu.Gpu#convolution}. */
    synchronized CudnnConvolution convolution(ConvolutionSpec spec) {
        ConvolutionPlan plan =
                plans.take(spec, s -> heard(ConvolutionPlan.find(s, target())))
                        .orElseThrow(() -> new UnsupportedOperationException(refusal(spec)));
        LOG.debug("{} by {}, workspace {}", spec, plan.engine(), plan.workspace());
        return new CudnnConvolution(context, this, spec, plan);
    }

    /** A device that failed must not pass for one that knows no way. */
    private Optional<ConvolutionPlan> heard(Optional<ConvolutionPlan> plan) {
        if (plan.isEmpty()) {
            context.ask();
        }
        return plan;
    }

    private String refusal(ConvolutionSpec spec) {
        return "expected "
                + context
                + " and cuDNN "
                + version()
                + " to compute "
                + spec
                + ", found no engine that is repeatable and of its precision; take another"
                + " precision (bf16 needs compute capability 8.0)";
    }

    /** Takes a convolution's plan back. */
    synchronized void give(ConvolutionSpec spec) {
        plans.give(spec);
    }

    /** Queues a convolution. */
    synchronized void run(
            CudnnConvolution convolution,
            CUstream_st stream,
            long values,
            long weights,
            long results,
            long extra,
            long workspace) {
        ConvolutionPlan plan = convolution.plan();
        boolean hasExtra = ConvolutionGraph.hasExtra(convolution.spec());
        if (hasExtra && extra == 0 || plan.workspace() > 0 && workspace == 0) {
            throw new IllegalArgumentException(
                    "expected the address of what "
                            + convolution.spec().epilogue()
                            + " needs and of "
                            + plan.workspace()
                            + " bytes of workspace, found "
                            + extra
                            + " and "
                            + workspace);
        }
        target();
        if (current != stream.address()) {
            check(cudnn.cudnnSetStream(handle, stream), "to use a stream");
            current = stream.address();
        }
        try (Descriptor pack =
                new Descriptor(cudnn.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, "a run's addresses")) {
            if (hasExtra) {
                pack.longs(
                                cudnn.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                                ConvolutionGraph.VALUES,
                                ConvolutionGraph.WEIGHTS,
                                ConvolutionGraph.RESULTS,
                                ConvolutionGraph.EXTRA)
                        .addresses(
                                cudnn.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                values,
                                weights,
                                results,
                                extra);
            } else {
                pack.longs(
                                cudnn.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                                ConvolutionGraph.VALUES,
                                ConvolutionGraph.WEIGHTS,
                                ConvolutionGraph.RESULTS)
                        .addresses(
                                cudnn.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                values,
                                weights,
                                results);
            }
            pack.addresses(cudnn.CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace).finish();
            int status = cudnn.cudnnBackendExecute(handle, plan.plan().pointer(), pack.pointer());
            if (status != cudnn.CUDNN_STATUS_SUCCESS) {
                context.ask();
                check(status, "to run " + convolution.spec() + " by " + plan.engine());
            }
        }
    }

    /** Forgets a stream that is closed: another one may get its address. */
    synchronized void forget(CUstream_st stream) {
        if (current == stream.address()) {
            current = 0;
        }
    }

    private CudnnTarget target() {
        if (handle.isNull()) {
            check(cudnn.cudnnCreate(handle), "to start on " + context);
        }
        return new CudnnTarget.Handle(handle);
    }

    /**
     * Throws unless a call went well.
     *
     * @param status cudnnStatus_t
     * @param action as "to start"
     */
    static void check(int status, String action) {
        if (status != cudnn.CUDNN_STATUS_SUCCESS) {
            byte[] text = new byte[MESSAGE];
            cudnn.cudnnGetLastErrorString(text, MESSAGE);
            String message =
                    "expected cuDNN "
                            + action
                            + ", found "
                            + cudnn.cudnnGetErrorString(status).getString()
                            + ": "
                            + new String(text, StandardCharsets.UTF_8).split("\0", 2)[0].strip();
            if (status == cudnn.CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED
                    || status == cudnn.CUDNN_STATUS_ALLOC_FAILED) {
                throw new GpuOutOfMemoryException(message + "; take a smaller batch");
            }
            throw new IllegalStateException(message);
        }
    }

    @Override
    public synchronized void close() {
        plans.close();
        if (!handle.isNull()) {
            int status = cudnn.cudnnDestroy(handle);
            handle.setNull();
            if (!context.isLost()) {
                check(status, "to stop");
            }
        }
    }
}
