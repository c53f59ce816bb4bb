package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc;

/**
 * Primitive descriptors of convolutions in one number format. Cheap to make: code is generated only
 * for primitives. A descriptor that oneDNN does not offer is null.
 */
final class Descriptors {
    /**
     * An implementation of oneDNN 3.11 that leaves the result unwritten for several images where
     * one channel makes channels-last look like plain order.
     */
    private static final String UNWRITTEN = "jit_uni_ncsp";

    /** One whose weight gradient writes outside its memory: the process crashes later, anywhere. */
    private static final String OVERRUNNING = "jit_1x1:avx2";

    private final memory.data_type type;

    Descriptors(memory.data_type type) {
        this.type = type;
    }

    /** Number format of activations and of the weights that are multiplied with them. */
    memory.data_type type() {
        return type;
    }

    /** Convolution with bias and what is fused behind it. */
    convolution_forward.primitive_desc forward(
            Kernel kernel, memory.desc src, memory.desc dst, primitive_attr fused) {
        try {
            return sound(
                    new convolution_forward.primitive_desc(
                            OneDnn.engine(),
                            dnnl_forward_inference,
                            dnnl_convolution_direct,
                            src,
                            anyWeights(kernel, type),
                            OneDnn.vectorDesc(kernel.out()),
                            dst,
                            strides(kernel),
                            before(kernel),
                            after(kernel, src, dst),
                            fused,
                            false));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Convolution without bias. */
    convolution_forward.primitive_desc plain(
            Kernel kernel, memory.desc src, memory.desc dst, primitive_attr fused) {
        try {
            return sound(
                    new convolution_forward.primitive_desc(
                            OneDnn.engine(),
                            dnnl_forward_inference,
                            dnnl_convolution_direct,
                            src,
                            anyWeights(kernel, type),
                            dst,
                            strides(kernel),
                            before(kernel),
                            after(kernel, src, dst),
                            fused,
                            false));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Gradient by the convolution's input. */
    convolution_backward_data.primitive_desc backwardData(
            Kernel kernel, memory.desc diffSrc, memory.desc diffDst) {
        try {
            return sound(
                    new convolution_backward_data.primitive_desc(
                            OneDnn.engine(),
                            dnnl_convolution_direct,
                            diffSrc,
                            anyWeights(kernel, type),
                            diffDst,
                            strides(kernel),
                            before(kernel),
                            after(kernel, diffSrc, diffDst),
                            hint(kernel, diffSrc, diffDst)));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Gradient by the convolution's weights and bias, both float32. */
    convolution_backward_weights.primitive_desc backwardWeights(
            Kernel kernel, memory.desc src, memory.desc diffDst) {
        try {
            return without(
                    OVERRUNNING,
                    sound(
                            new convolution_backward_weights.primitive_desc(
                                    OneDnn.engine(),
                                    dnnl_convolution_direct,
                                    src,
                                    anyWeights(kernel, memory.data_type.f32),
                                    OneDnn.vectorDesc(kernel.out()),
                                    diffDst,
                                    strides(kernel),
                                    before(kernel),
                                    after(kernel, src, diffDst),
                                    hint(kernel, src, diffDst))));
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static <T extends primitive_desc> T sound(T desc) {
        return without(UNWRITTEN, desc);
    }

    /** The next implementation if this is the one that must not run, or null if there is none. */
    private static <T extends primitive_desc> T without(String unsound, T desc) {
        while (desc != null && desc.impl_info_str().getString().startsWith(unsound)) {
            if (!desc.next_impl()) {
                return null;
            }
        }
        return desc;
    }

    /** The forward descriptor that a backward one wants to see; its layouts do not matter. */
    private convolution_forward.primitive_desc hint(
            Kernel kernel, memory.desc src, memory.desc dst) {
        return new convolution_forward.primitive_desc(
                OneDnn.engine(),
                dnnl_forward_training,
                dnnl_convolution_direct,
                any(src),
                anyWeights(kernel, type),
                OneDnn.vectorDesc(kernel.out()),
                any(dst),
                strides(kernel),
                before(kernel),
                after(kernel, src, dst));
    }

    /** The tensor in this format, in whatever layout oneDNN likes. */
    memory.desc any(memory.desc desc) {
        return new memory.desc(desc.get_dims(), type, memory.format_tag.any);
    }

    private static memory.desc anyWeights(Kernel kernel, memory.data_type type) {
        return OneDnn.weightsDesc(kernel, type, memory.format_tag.any);
    }

    private static long[] strides(Kernel kernel) {
        return new long[] {kernel.stride(), kernel.stride()};
    }

    private static long[] before(Kernel kernel) {
        return new long[] {kernel.padding(), kernel.padding()};
    }

    /** Zeros that the last row and column read; pixels that no result reads may be left over. */
    private static long[] after(Kernel kernel, memory.desc src, memory.desc dst) {
        long[] after = new long[2];
        for (int i = 0; i < 2; i++) {
            long size = i == 0 ? kernel.rows() : kernel.columns();
            long end = (dst.get_dims().get(2 + i) - 1) * kernel.stride() + size;
            after[i] = Math.max(0, end - kernel.padding() - src.get_dims().get(2 + i));
        }
        return after;
    }
}
