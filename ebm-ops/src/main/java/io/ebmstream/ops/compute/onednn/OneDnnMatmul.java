package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.ebmstream.ops.compute.Precision;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.PointerScope;

/**
 * A product of two large square matrices in the layouts that oneDNN likes best, on one thread: what
 * a core can practically do, the yardstick of benchmarks. Not thread-safe.
 */
public final class OneDnnMatmul implements AutoCloseable {
    private final int size;
    private final PointerScope scope;
    private final Operation operation;

    /**
     * @param size rows and columns, at least 1
     * @throws UnsupportedOperationException if the precision cannot run here
     */
    public OneDnnMatmul(int size, Precision precision) {
        if (size < 1) {
            throw new IllegalArgumentException("expected a size of at least 1, found " + size);
        }
        new OneDnnExecutor().check(precision);
        this.size = size;
        OneDnn.useOneThread();
        scope = new PointerScope();
        try {
            memory.desc any =
                    new memory.desc(
                            new long[] {size, size},
                            precision == Precision.FLOAT32
                                    ? memory.data_type.f32
                                    : memory.data_type.bf16,
                            memory.format_tag.any);
            matmul.primitive_desc desc = new matmul.primitive_desc(OneDnn.engine(), any, any, any);
            operation =
                    new Operation(
                            "matmul",
                            new matmul(desc),
                            new stream(OneDnn.engine()),
                            new Operation.Argument(DNNL_ARG_SRC, OneDnn.allocate(desc.src_desc())),
                            new Operation.Argument(
                                    DNNL_ARG_WEIGHTS, OneDnn.allocate(desc.weights_desc())),
                            new Operation.Argument(DNNL_ARG_DST, OneDnn.allocate(desc.dst_desc())));
            scope.extend();
        } finally {
            scope.close();
        }
    }

    /** Floating point operations of one run, two for each multiply-add. */
    public double flops() {
        return 2.0 * size * size * size;
    }

    /** Multiplies once, on the calling thread. */
    public void run() {
        OneDnn.useOneThread();
        operation.run();
    }

    /** Frees native memory; at most once. */
    @Override
    public void close() {
        scope.close();
    }
}
