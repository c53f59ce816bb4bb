package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_tanh;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_tanh_use_dst_for_bwd;

/**
 * A function of every value by itself whose derivative can be told from its result.
 *
 * @param forward oneDNN's algorithm of the function
 * @param backward the same algorithm, differentiated by way of its result
 * @param alpha slope for negative values
 */
record Activation(int forward, int backward, float alpha) {
    static final Activation TANH =
            new Activation(dnnl_eltwise_tanh, dnnl_eltwise_tanh_use_dst_for_bwd, 0);

    static Activation leaky(double slope) {
        return new Activation(dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, (float) slope);
    }
}
