package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

/**
 * Gradients of one block by the weights and biases of the body (all stages but the head), summed
 * over the block's images by oneDNN in an order that the block's size fixes.
 *
 * <p>Native memory belongs to the scope that was open at construction. Not thread-safe.
 */
final class WeightGradients {

    /** One convolution's results, in its own order and in the parameter vector's. */
    private record Target(
            Stage stage,
            FloatBuffer own,
            FloatBuffer plain,
            List<Operation> reorder,
            FloatBuffer bias) {}

    private final List<Operation> operations = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final float[] sum;
    private final float[] scratch;
    private boolean empty = true;

    WeightGradients(BlockPlan plan, List<Stage> stages, stream stream) {
        int total = 0;
        int largest = 0;
        for (int i = 0; i < stages.size() - 1; i++) {
            Stage stage = stages.get(i);
            if (stage.conv() == null) {
                continue;
            }
            memory src = plan.value(i);
            memory diffDst = plan.gradient(i);
            convolution_backward_weights.primitive_desc desc =
                    plan.descriptors()
                            .backwardWeights(stage.conv(), src.get_desc(), diffDst.get_desc());
            if (desc == null || OneDnn.isSlow(desc)) {
                memory.desc anySrc = any(src);
                memory.desc anyDst = any(diffDst);
                desc = plan.descriptors().backwardWeights(stage.conv(), anySrc, anyDst);
                src = reordered(src, desc.src_desc(), stream, operations);
                diffDst = reordered(diffDst, desc.diff_dst_desc(), stream, operations);
            }
            memory own = OneDnn.allocate(desc.diff_weights_desc());
            memory bias = OneDnn.allocate(OneDnn.vectorDesc(stage.conv().out()));
            operations.add(
                    new Operation(
                            stage.name() + " weight gradient",
                            new convolution_backward_weights(desc),
                            stream,
                            new Operation.Argument(DNNL_ARG_SRC, src),
                            new Operation.Argument(DNNL_ARG_DIFF_DST, diffDst),
                            new Operation.Argument(DNNL_ARG_DIFF_WEIGHTS, own),
                            new Operation.Argument(DNNL_ARG_DIFF_BIAS, bias)));
            List<Operation> reorder = new ArrayList<>();
            memory plain =
                    reordered(
                            own,
                            OneDnn.weightsDesc(
                                    stage.conv().out(),
                                    stage.conv().in(),
                                    stage.conv().kernel(),
                                    memory.data_type.f32,
                                    memory.format_tag.abcd),
                            stream,
                            reorder);
            Target target =
                    new Target(
                            stage,
                            OneDnn.floats(own),
                            OneDnn.floats(plain),
                            reorder,
                            OneDnn.floats(bias));
            targets.add(target);
            total += target.own().capacity() + target.bias().capacity();
            largest = Math.max(largest, target.own().capacity());
            largest = Math.max(largest, target.bias().capacity());
        }
        sum = new float[total];
        scratch = new float[largest];
    }

    /** Sets the sum to zero. */
    void clear() {
        if (!empty) {
            Arrays.fill(sum, 0);
            empty = true;
        }
    }

    /** After the plan's backward run: adds the block's gradients to the sum. */
    void addBlock() {
        Operation.runAll(operations);
        empty = false;
        int at = 0;
        for (Target target : targets) {
            at = add(target.own(), at);
            at = add(target.bias(), at);
        }
    }

    /** Adds {@code scale} times the sum to a gradient laid out like the parameters. */
    void addSumTo(float[] gradient, float scale) {
        if (empty) {
            return;
        }
        int at = 0;
        for (Target target : targets) {
            target.own().put(0, sum, at, target.own().capacity());
            at += target.own().capacity();
            Operation.runAll(target.reorder());
            int weights = target.plain().capacity();
            target.plain().get(0, scratch, 0, weights);
            for (int i = 0; i < weights; i++) {
                gradient[target.stage().weights() + i] += scale * scratch[i];
            }
            for (int i = 0; i < target.bias().capacity(); i++) {
                gradient[target.stage().bias() + i] += scale * sum[at++];
            }
        }
    }

    private int add(FloatBuffer from, int at) {
        int length = from.capacity();
        from.get(0, scratch, 0, length);
        for (int i = 0; i < length; i++) {
            sum[at + i] += scratch[i];
        }
        return at + length;
    }

    private static memory.desc any(memory from) {
        memory.desc desc = from.get_desc();
        return new memory.desc(desc.get_dims(), desc.get_data_type(), memory.format_tag.any);
    }

    private static memory reordered(
            memory from, memory.desc desc, stream stream, List<Operation> operations) {
        if (from.get_desc().equals(desc)) {
            return from;
        }
        memory to = OneDnn.allocate(desc);
        operations.add(
                new Operation(
                        "reorder of a weight gradient",
                        new reorder(from, to),
                        stream,
                        new Operation.Argument(DNNL_ARG_FROM, from),
                        new Operation.Argument(DNNL_ARG_TO, to)));
        return to;
    }
}
