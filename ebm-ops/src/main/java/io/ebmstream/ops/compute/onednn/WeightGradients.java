package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/**
 * Gradients by the parameters of a plan's steps: each run of the plan adds those of its images, in
 * an order that their number fixes; in float32 and in the order of values that oneDNN likes.
 *
 * <p>Native memory belongs to the scope that was open at construction. Not thread-safe.
 */
final class WeightGradients {
    private static final memory.data_type F32 = memory.data_type.f32;

    /** A tensor of gradients: its sum over runs, and the sum in plain order after an operation. */
    private record Part(Slot sum, Slot plain, int operation) {}

    /** The parts of a step: weights and bias of a convolution, scale and shift of the other. */
    private record Target(Composition convolution, Normalisation norm, Part first, Part second) {}

    private record Sums(Composition convolution, Normalisation norm, Slot first, Slot second) {}

    private final Tensors tensors;
    private final Program program;
    private final List<Sums> sums = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private float[] firstValues = new float[0];
    private float[] secondValues = new float[0];
    private boolean empty = true;

    WeightGradients(Tensors tensors) {
        this.tensors = tensors;
        this.program = tensors.program();
    }

    /** Adds the gradients of a convolution to the plan's program. */
    void convolution(int step, Composition weights, Slot source, Slot gradient) {
        Kernel kernel = weights.kernel();
        Slot src = source;
        Slot diffDst = gradient;
        convolution_backward_weights.primitive_desc desc =
                tensors.descriptors().backwardWeights(kernel, src.desc(), diffDst.desc());
        if (desc == null || OneDnn.isSlow(desc)) {
            desc =
                    tensors.descriptors()
                            .backwardWeights(
                                    kernel,
                                    tensors.descriptors().any(src.desc()),
                                    tensors.descriptors().any(diffDst.desc()));
            if (desc == null) {
                throw Tensors.unsupported(tensors.graph().steps().get(step));
            }
            src = program.convert(src, desc.src_desc(), "a weight gradient's source");
            diffDst = program.convert(diffDst, desc.diff_dst_desc(), "a weight gradient's source");
        }
        Slot own = program.slot(desc.diff_weights_desc());
        Slot bias = program.slot(OneDnn.vectorDesc(kernel.out()));
        program.add(
                tensors.graph().steps().get(step).name() + " weight gradient",
                new convolution_backward_weights(desc),
                new Program.Argument(DNNL_ARG_SRC, src),
                new Program.Argument(DNNL_ARG_DIFF_DST, diffDst),
                new Program.Argument(DNNL_ARG_DIFF_WEIGHTS, own),
                new Program.Argument(DNNL_ARG_DIFF_BIAS, bias));
        sums.add(new Sums(weights, null, summed(own), summed(bias)));
    }

    /** Adds the gradients of a batch normalisation, which its backward primitive gives. */
    void normalisation(Normalisation norm, Slot scale, Slot shift) {
        sums.add(new Sums(null, norm, summed(scale), summed(shift)));
    }

    /** After the way back is written: adds the operations that give the sums in plain order. */
    void finish() {
        for (Sums sum : sums) {
            memory.desc plain =
                    sum.convolution() == null
                            ? sum.first().desc()
                            : OneDnn.weightsDesc(
                                    sum.convolution().kernel(), F32, memory.format_tag.abcd);
            targets.add(
                    new Target(
                            sum.convolution(),
                            sum.norm(),
                            part(sum.first(), plain),
                            part(sum.second(), sum.second().desc())));
        }
        sums.clear();
    }

    /** Sets the sums to zero. */
    void clear() {
        if (empty) {
            return;
        }
        for (Target target : targets) {
            zero(target.first().sum());
            zero(target.second().sum());
        }
        empty = true;
    }

    /** To be told of every run. */
    void hasRun() {
        empty = false;
    }

    /** Adds {@code scale} times the sum to a gradient laid out like the parameters. */
    void addSumTo(float[] gradient, float scale) {
        if (empty) {
            return;
        }
        float[] parameters = tensors.weights().parameters();
        for (Target target : targets) {
            firstValues = read(target.first(), firstValues);
            secondValues = read(target.second(), secondValues);
            if (target.convolution() != null) {
                target.convolution()
                        .addGradient(parameters, firstValues, secondValues, scale, gradient);
            } else {
                for (int c = 0; c < target.norm().channels(); c++) {
                    gradient[target.norm().scale() + c] += scale * firstValues[c];
                    gradient[target.norm().shift() + c] += scale * secondValues[c];
                }
            }
        }
    }

    private Slot summed(Slot own) {
        Slot sum = program.kept(own.desc());
        program.add(
                "sum of weight gradients",
                Primitives.add(sum.desc(), own.desc(), sum.desc(), null),
                new Program.Argument(DNNL_ARG_SRC_0, sum),
                new Program.Argument(DNNL_ARG_SRC_1, own),
                new Program.Argument(DNNL_ARG_DST, sum));
        return sum;
    }

    private Part part(Slot sum, memory.desc plain) {
        int operation = program.position();
        return new Part(sum, program.convert(sum, plain, "a weight gradient"), operation);
    }

    private float[] read(Part part, float[] values) {
        if (part.plain().storage() != part.sum().storage()) {
            program.run(part.operation(), part.operation() + 1);
        }
        memory from = part.plain().memory();
        int length = (int) (from.get_desc().get_size() / Float.BYTES);
        float[] enough = values.length < length ? new float[length] : values;
        OneDnn.floats(from).get(0, enough, 0, length);
        return enough;
    }

    private static void zero(Slot slot) {
        memory memory = slot.memory();
        Pointer.memset(memory.get_data_handle(), 0, memory.get_desc().get_size());
    }
}
