package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.ebmstream.ops.energy.Network;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.memory;

/**
 * Writes a plan's way back from the gradient by the last step's result to those by the image and by
 * the parameters, as far as the plan's purpose asks for them. A value that several steps read has
 * the sum of their gradients, added in the order of the steps from the last to the first.
 */
final class BackwardPass {
    private final Tensors tensors;
    private final Graph graph;
    private final Program program;
    private final Descriptors descriptors;
    private final ImageGradient image;
    private final WeightGradients weightGradients;

    /** Gradient by every step's result as far as it is known; the image's at the end. */
    private final Slot[] gradients;

    private final boolean[] needed;

    private BackwardPass(
            Tensors tensors, Purpose purpose, ImageGradient image, WeightGradients weights) {
        this.tensors = tensors;
        this.graph = tensors.graph();
        this.program = tensors.program();
        this.descriptors = tensors.descriptors();
        this.image = image;
        this.weightGradients = weights;
        int steps = graph.steps().size();
        this.gradients = new Slot[steps + 1];
        this.needed = new boolean[steps + 1];
        needed[steps] = purpose.imageGradient();
        for (int i = 0; i < steps; i++) {
            Step step = graph.steps().get(i);
            needed[i] =
                    purpose.imageGradient()
                            || Graph.learns(step)
                            || isNeeded(step.input())
                            || (step.other() != Step.NONE && isNeeded(step.other()));
        }
    }

    /**
     * @param seed gradient by the last step's result
     * @param image takes the image's gradient, or null
     * @param weights takes the parameters' gradients, or null
     */
    static void write(
            Tensors tensors,
            Purpose purpose,
            Slot seed,
            ImageGradient image,
            WeightGradients weights) {
        BackwardPass pass = new BackwardPass(tensors, purpose, image, weights);
        pass.accumulate(tensors.graph().last(), seed);
        for (int i = tensors.graph().last(); i >= 0; i--) {
            if (pass.gradient(i) != null) {
                pass.step(i, tensors.graph().steps().get(i));
            }
        }
        if (purpose.imageGradient()) {
            image.finish(pass.gradient(Network.IMAGE));
        }
    }

    private void step(int i, Step step) {
        Slot incoming = gradient(i);
        incoming.storage().claims--;
        Slot gradient = incoming;
        if (step.activation() != null) {
            gradient = isFree(incoming) ? incoming : program.slot(incoming.desc());
            program.add(
                    step.name() + " activation backward",
                    Primitives.activateBackward(step.activation(), incoming.desc()),
                    argument(DNNL_ARG_DST, tensors.value(i)),
                    argument(DNNL_ARG_DIFF_DST, incoming),
                    argument(DNNL_ARG_DIFF_SRC, gradient));
        }
        gradient = program.convert(gradient, tensors.common(step.to()), "a gradient");
        if (step.work() instanceof Step.Convolve conv) {
            convolution(i, step, conv, gradient);
        } else if (step.work() instanceof Step.Normalise norm) {
            normalisation(i, step, norm.tensors(), gradient);
        } else if (step.work() instanceof Step.Pass) {
            // Held until both have read it.
            gradient.storage().claims++;
            accumulate(step.input(), gradient);
            gradient.storage().claims--;
        } else if (isNeeded(step.input())) {
            accumulate(step.input(), resized(step, gradient));
        }
        if (step.other() != Step.NONE) {
            accumulate(step.other(), gradient);
        }
    }

    private void convolution(int i, Step step, Step.Convolve conv, Slot gradient) {
        if (weightGradients != null) {
            weightGradients.convolution(i, conv.weights(), tensors.source(i), gradient);
        }
        if (!isNeeded(step.input())) {
            return;
        }
        if (step.input() == Network.IMAGE && image.isFolded()) {
            image.add(i, gradient);
        } else {
            accumulate(step.input(), backwardData(i, step, conv.kernel(), gradient));
        }
    }

    private Slot backwardData(int i, Step step, Kernel kernel, Slot gradient) {
        memory.desc target = tensors.common(step.from());
        convolution_backward_data.primitive_desc desc =
                descriptors.backwardData(kernel, target, gradient.desc());
        if (desc == null || OneDnn.isSlow(desc)) {
            convolution_backward_data.primitive_desc any =
                    descriptors.backwardData(
                            kernel, descriptors.any(target), descriptors.any(gradient.desc()));
            if (desc == null || (any != null && !OneDnn.isSlow(any))) {
                desc = any;
            }
        }
        if (desc == null) {
            throw Tensors.unsupported(step);
        }
        Slot from = program.convert(gradient, desc.diff_dst_desc(), "a gradient");
        Slot own = program.slot(desc.diff_src_desc());
        program.add(
                step.name() + " backward",
                new convolution_backward_data(desc),
                argument(DNNL_ARG_DIFF_DST, from),
                argument(
                        DNNL_ARG_WEIGHTS,
                        Program.constant(tensors.weights().kernel(i, desc.weights_desc()))),
                argument(DNNL_ARG_DIFF_SRC, own));
        return program.convert(own, target, "a gradient");
    }

    private void normalisation(int i, Step step, Normalisation norm, Slot gradient) {
        memory.desc vector = OneDnn.vectorDesc(norm.channels());
        Slot scale = program.slot(vector);
        Slot shift = program.slot(vector);
        Slot result = program.slot(gradient.desc());
        memory weights = tensors.weights().normalisation(i, "scale", norm.scale(), norm.channels());
        program.add(
                step.name() + " backward",
                Primitives.normaliseBackward(norm, tensors.mode(), gradient.desc()),
                argument(DNNL_ARG_SRC, tensors.value(step.input())),
                argument(DNNL_ARG_MEAN, tensors.mean(i)),
                argument(DNNL_ARG_VARIANCE, tensors.variance(i)),
                argument(DNNL_ARG_SCALE, Program.constant(weights)),
                argument(DNNL_ARG_DIFF_DST, gradient),
                argument(DNNL_ARG_DIFF_SRC, result),
                argument(DNNL_ARG_DIFF_SCALE, scale),
                argument(DNNL_ARG_DIFF_SHIFT, shift));
        if (weightGradients != null) {
            weightGradients.normalisation(norm, scale, shift);
        }
        accumulate(step.input(), result);
    }

    /** Gradient by the input of a step that changes only the shape. */
    private Slot resized(Step step, Slot gradient) {
        memory.desc target = tensors.common(step.from());
        if (step.work() instanceof Step.View) {
            memory.data_type type = descriptors.type();
            Slot plain = program.convert(gradient, tensors.plain(step.to(), type), "a gradient");
            return program.convert(
                    plain.as(tensors.plain(step.from(), type)), target, "a gradient");
        }
        Slot result = program.slot(target);
        program.add(
                step.name() + " backward",
                step.work() instanceof Step.Pool pool
                        ? Primitives.poolBackward(pool.window(), target, gradient.desc())
                        : Primitives.upsampleBackward(target, gradient.desc()),
                argument(DNNL_ARG_DIFF_DST, gradient),
                argument(DNNL_ARG_DIFF_SRC, result));
        return result;
    }

    /** Adds one reader's share to the gradient by a value. */
    private void accumulate(int value, Slot share) {
        if (!isNeeded(value)) {
            return;
        }
        Slot known = gradient(value);
        Slot sum = share;
        if (known != null) {
            known.storage().claims--;
            if (isFree(known)) {
                sum = known;
            } else if (!isFree(share)) {
                sum = program.slot(share.desc());
            }
            program.add(
                    "sum of gradients",
                    Primitives.add(known.desc(), share.desc(), sum.desc(), null),
                    argument(DNNL_ARG_SRC_0, known),
                    argument(DNNL_ARG_SRC_1, share),
                    argument(DNNL_ARG_DST, sum));
        }
        sum.storage().claims++;
        gradients[index(value)] = sum;
    }

    /** Whether a gradient may be changed in place. */
    private static boolean isFree(Slot slot) {
        return slot.storage().claims == 0 && !slot.isConstant();
    }

    private Slot gradient(int value) {
        return gradients[index(value)];
    }

    private boolean isNeeded(int value) {
        return needed[index(value)];
    }

    private int index(int value) {
        return value == Network.IMAGE ? needed.length - 1 : value;
    }

    private static Program.Argument argument(int index, Slot slot) {
        return new Program.Argument(index, slot);
    }
}
