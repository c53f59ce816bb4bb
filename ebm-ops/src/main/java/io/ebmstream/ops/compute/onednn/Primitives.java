package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_linear;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

import io.ebmstream.ops.compute.Mode;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;

/** Primitives of what is no convolution: each keeps the layout of its tensors. */
final class Primitives {
    /** Where the result of interpolation lies relative to its source: half-pixel centres. */
    private static final float[] TWICE = {2, 2};

    private Primitives() {}

    /** What a primitive does with its result before it writes it. */
    static primitive_attr fused(boolean sum, memory.desc addend, Activation activation) {
        post_ops operations = new post_ops();
        if (sum) {
            operations.append_sum();
        }
        if (addend != null) {
            operations.append_binary(dnnl_binary_add, addend);
        }
        if (activation != null) {
            operations.append_eltwise(activation.forward(), activation.alpha(), 0);
        }
        primitive_attr attributes = new primitive_attr();
        attributes.set_post_ops(operations);
        return attributes;
    }

    static primitive add(memory.desc a, memory.desc b, memory.desc sum, Activation activation) {
        return new binary(
                new binary.primitive_desc(
                        OneDnn.engine(),
                        dnnl_binary_add,
                        a,
                        b,
                        sum,
                        fused(false, null, activation),
                        false));
    }

    static primitive activate(Activation activation, memory.desc desc) {
        return new eltwise_forward(activation(activation, desc));
    }

    /** The derivative, taken from the function's result. */
    static primitive activateBackward(Activation activation, memory.desc desc) {
        return new eltwise_backward(
                new eltwise_backward.primitive_desc(
                        OneDnn.engine(),
                        activation.backward(),
                        desc,
                        desc,
                        desc,
                        activation.alpha(),
                        activation(activation, desc)));
    }

    private static eltwise_forward.primitive_desc activation(
            Activation activation, memory.desc desc) {
        return new eltwise_forward.primitive_desc(
                OneDnn.engine(),
                dnnl_forward_training,
                activation.backward(),
                desc,
                desc,
                activation.alpha());
    }

    static primitive pool(int window, memory.desc src, memory.desc dst) {
        return new pooling_forward(pooling(window, src, dst));
    }

    static primitive poolBackward(int window, memory.desc diffSrc, memory.desc diffDst) {
        return new pooling_backward(
                new pooling_backward.primitive_desc(
                        OneDnn.engine(),
                        dnnl_pooling_avg_exclude_padding,
                        diffSrc,
                        diffDst,
                        both(window),
                        both(window),
                        both(0),
                        both(0),
                        both(0),
                        pooling(window, diffSrc, diffDst)));
    }

    private static pooling_forward.primitive_desc pooling(
            int window, memory.desc src, memory.desc dst) {
        return new pooling_forward.primitive_desc(
                OneDnn.engine(),
                dnnl_forward_training,
                dnnl_pooling_avg_exclude_padding,
                src,
                dst,
                both(window),
                both(window),
                both(0),
                both(0),
                both(0));
    }

    static primitive upsample(memory.desc src, memory.desc dst) {
        return new primitive(resampling(src, dst));
    }

    static primitive upsampleBackward(memory.desc diffSrc, memory.desc diffDst) {
        dnnl_primitive_desc desc = new dnnl_primitive_desc();
        OneDnn.check(
                dnnl_resampling_backward_primitive_desc_create(
                        desc,
                        OneDnn.engine().get(),
                        dnnl_resampling_linear,
                        TWICE,
                        diffSrc.get(),
                        diffDst.get(),
                        resampling(diffSrc, diffDst),
                        null),
                "the description of an upsampling's gradient");
        return new primitive(owned(desc));
    }

    private static dnnl_primitive_desc resampling(memory.desc src, memory.desc dst) {
        dnnl_primitive_desc desc = new dnnl_primitive_desc();
        OneDnn.check(
                dnnl_resampling_forward_primitive_desc_create(
                        desc,
                        OneDnn.engine().get(),
                        dnnl_forward_training,
                        dnnl_resampling_linear,
                        TWICE,
                        src.get(),
                        dst.get(),
                        null),
                "the description of an upsampling");
        return owned(desc);
    }

    /** The binding has no class that would free it. */
    private static dnnl_primitive_desc owned(dnnl_primitive_desc desc) {
        return new primitive_desc_base(desc).get();
    }

    static primitive normalise(Normalisation tensors, Mode mode, memory.desc desc) {
        int kind = mode == Mode.TRAINING ? dnnl_forward_training : dnnl_forward_inference;
        return new batch_normalization_forward(normalising(tensors, mode, kind, desc));
    }

    static primitive normaliseBackward(Normalisation tensors, Mode mode, memory.desc desc) {
        return new batch_normalization_backward(
                new batch_normalization_backward.primitive_desc(
                        OneDnn.engine(),
                        dnnl_backward,
                        desc,
                        desc,
                        desc,
                        (float) tensors.epsilon(),
                        flags(mode),
                        normalising(tensors, mode, dnnl_forward_training, desc)));
    }

    private static batch_normalization_forward.primitive_desc normalising(
            Normalisation tensors, Mode mode, int kind, memory.desc desc) {
        return new batch_normalization_forward.primitive_desc(
                OneDnn.engine(), kind, desc, desc, (float) tensors.epsilon(), flags(mode));
    }

    private static int flags(Mode mode) {
        int affine = dnnl_use_scale | dnnl_use_shift;
        return mode == Mode.TRAINING ? affine : affine | dnnl_use_global_stats;
    }

    private static long[] both(int value) {
        return new long[] {value, value};
    }
}
