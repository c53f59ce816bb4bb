package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import io.ebmstream.ops.energy.Layer;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Primitive descriptors of a network's operations in one number format. Cheap to make: code is
 * generated only for primitives. A descriptor that oneDNN does not offer is null.
 */
final class Descriptors {
    private final memory.data_type type;

    Descriptors(memory.data_type type) {
        this.type = type;
    }

    memory.data_type type() {
        return type;
    }

    /** Convolution with bias, and with leaky ReLU unless the slope is NaN. */
    convolution_forward.primitive_desc forward(
            Layer.Conv2d conv, double slope, memory.desc src, memory.desc dst) {
        primitive_attr attributes = new primitive_attr();
        if (!Double.isNaN(slope)) {
            post_ops activation = new post_ops();
            activation.append_eltwise(dnnl_eltwise_relu, (float) slope, 0);
            attributes.set_post_ops(activation);
        }
        try {
            return new convolution_forward.primitive_desc(
                    OneDnn.engine(),
                    dnnl_forward_inference,
                    dnnl_convolution_direct,
                    src,
                    anyWeights(conv, type),
                    OneDnn.vectorDesc(conv.out()),
                    dst,
                    both(conv.stride()),
                    both(conv.padding()),
                    both(conv.padding()),
                    attributes,
                    false);
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Convolution without bias. */
    convolution_forward.primitive_desc plain(Layer.Conv2d conv, memory.desc src, memory.desc dst) {
        try {
            return new convolution_forward.primitive_desc(
                    OneDnn.engine(),
                    dnnl_forward_inference,
                    dnnl_convolution_direct,
                    src,
                    anyWeights(conv, type),
                    dst,
                    both(conv.stride()),
                    both(conv.padding()),
                    both(conv.padding()));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Gradient by the convolution's input. */
    convolution_backward_data.primitive_desc backwardData(
            Layer.Conv2d conv, memory.desc diffSrc, memory.desc diffDst) {
        try {
            return new convolution_backward_data.primitive_desc(
                    OneDnn.engine(),
                    dnnl_convolution_direct,
                    diffSrc,
                    anyWeights(conv, type),
                    diffDst,
                    both(conv.stride()),
                    both(conv.padding()),
                    both(conv.padding()),
                    hint(conv, diffSrc, diffDst));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Gradient by the convolution's weights and bias, both float32. */
    convolution_backward_weights.primitive_desc backwardWeights(
            Layer.Conv2d conv, memory.desc src, memory.desc diffDst) {
        try {
            return new convolution_backward_weights.primitive_desc(
                    OneDnn.engine(),
                    dnnl_convolution_direct,
                    src,
                    anyWeights(conv, memory.data_type.f32),
                    OneDnn.vectorDesc(conv.out()),
                    diffDst,
                    both(conv.stride()),
                    both(conv.padding()),
                    both(conv.padding()),
                    hint(conv, src, diffDst));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Leaky ReLU by itself. */
    eltwise_forward.primitive_desc activation(double slope, memory.desc desc) {
        return new eltwise_forward.primitive_desc(
                OneDnn.engine(),
                dnnl_forward_training,
                dnnl_eltwise_relu_use_dst_for_bwd,
                desc,
                desc,
                (float) slope);
    }

    /** Leaky ReLU's derivative, taken from the sign of its output. */
    eltwise_backward.primitive_desc activationBackward(double slope, memory.desc desc) {
        return new eltwise_backward.primitive_desc(
                OneDnn.engine(),
                dnnl_eltwise_relu_use_dst_for_bwd,
                desc,
                desc,
                desc,
                (float) slope,
                activation(slope, desc));
    }

    /** The forward descriptor that a backward one wants to see; its layouts do not matter. */
    private convolution_forward.primitive_desc hint(
            Layer.Conv2d conv, memory.desc src, memory.desc dst) {
        return new convolution_forward.primitive_desc(
                OneDnn.engine(),
                dnnl_forward_training,
                dnnl_convolution_direct,
                any(src),
                anyWeights(conv, type),
                OneDnn.vectorDesc(conv.out()),
                any(dst),
                both(conv.stride()),
                both(conv.padding()),
                both(conv.padding()));
    }

    private memory.desc any(memory.desc desc) {
        return new memory.desc(desc.get_dims(), type, memory.format_tag.any);
    }

    private static memory.desc anyWeights(Layer.Conv2d conv, memory.data_type type) {
        return OneDnn.weightsDesc(
                conv.out(), conv.in(), conv.kernel(), type, memory.format_tag.any);
    }

    private static long[] both(int value) {
        return new long[] {value, value};
    }
}
