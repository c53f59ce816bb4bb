package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Writes a plan's way from the image to the last step's result: bias, addition and activation fused
 * into each convolution, an addition in place of its other operand where nobody needs that any
 * more.
 */
final class ForwardPass {
    private final Tensors tensors;
    private final Purpose purpose;
    private final Graph graph;
    private final Program program;
    private final Descriptors descriptors;

    private ForwardPass(Tensors tensors, Purpose purpose) {
        this.tensors = tensors;
        this.purpose = purpose;
        this.graph = tensors.graph();
        this.program = tensors.program();
        this.descriptors = tensors.descriptors();
    }

    static void write(Tensors tensors, Purpose purpose) {
        ForwardPass pass = new ForwardPass(tensors, purpose);
        for (int i = 0; i < tensors.graph().steps().size(); i++) {
            tensors.setValue(i, pass.step(i, tensors.graph().steps().get(i)));
        }
    }

    private Slot step(int i, Step step) {
        if (step.work() instanceof Step.Convolve conv) {
            return convolve(i, step, conv.kernel());
        }
        if (step.work() instanceof Step.View) {
            return view(step);
        }
        memory.desc desc = tensors.common(step.to());
        Slot input = tensors.value(step.input());
        Slot result = program.slot(desc);
        if (step.work() instanceof Step.Pass) {
            if (step.other() == Step.NONE) {
                activate(step, input, result);
            } else {
                add(step, input, tensors.value(step.other()), result);
            }
        } else if (step.work() instanceof Step.Pool pool) {
            program.add(
                    step.name(),
                    Primitives.pool(pool.window(), input.desc(), desc),
                    argument(DNNL_ARG_SRC, input),
                    argument(DNNL_ARG_DST, result));
        } else if (step.work() instanceof Step.Upsample) {
            program.add(
                    step.name(),
                    Primitives.upsample(input.desc(), desc),
                    argument(DNNL_ARG_SRC, input),
                    argument(DNNL_ARG_DST, result));
        } else if (step.work() instanceof Step.Normalise norm) {
            normalise(i, step, norm.tensors(), input, result);
        }
        return result;
    }

    private void normalise(int i, Step step, Normalisation norm, Slot input, Slot result) {
        int channels = norm.channels();
        NetworkWeights weights = tensors.weights();
        if (tensors.mode() == Mode.TRAINING) {
            memory.desc vector = OneDnn.vectorDesc(channels);
            tensors.setStatistics(i, program.kept(vector), program.kept(vector));
        } else {
            tensors.setStatistics(
                    i,
                    Program.constant(weights.normalisation(i, "mean", norm.mean(), channels)),
                    Program.constant(
                            weights.normalisation(i, "variance", norm.variance(), channels)));
        }
        program.add(
                step.name(),
                Primitives.normalise(norm, tensors.mode(), input.desc()),
                argument(DNNL_ARG_SRC, input),
                argument(DNNL_ARG_DST, result),
                argument(
                        DNNL_ARG_SCALE,
                        Program.constant(
                                weights.normalisation(i, "scale", norm.scale(), channels))),
                argument(
                        DNNL_ARG_SHIFT,
                        Program.constant(
                                weights.normalisation(i, "shift", norm.shift(), channels))),
                argument(DNNL_ARG_MEAN, tensors.mean(i)),
                argument(DNNL_ARG_VARIANCE, tensors.variance(i)));
        if (step.activation() != null) {
            activate(step, result, result);
        }
    }

    /** The plain order has the same bytes for both shapes. */
    private Slot view(Step step) {
        memory.data_type type = descriptors.type();
        Slot plain = tensors.value(step.input(), tensors.plain(step.from(), type));
        return program.convert(
                plain.as(tensors.plain(step.to(), type)), tensors.common(step.to()), step.name());
    }

    private void activate(Step step, Slot from, Slot to) {
        program.add(
                step.name() + " activation",
                Primitives.activate(step.activation(), from.desc()),
                argument(DNNL_ARG_SRC, from),
                argument(DNNL_ARG_DST, to));
    }

    private void add(Step step, Slot a, Slot b, Slot sum) {
        program.add(
                step.name(),
                Primitives.add(a.desc(), b.desc(), sum.desc(), step.activation()),
                argument(DNNL_ARG_SRC_0, a),
                argument(DNNL_ARG_SRC_1, b),
                argument(DNNL_ARG_DST, sum));
    }

    private Slot convolve(int i, Step step, Kernel kernel) {
        memory.desc target = target(i, step);
        Slot other = step.other() == Step.NONE ? null : tensors.value(step.other());
        boolean inPlace =
                other != null && mayOverwrite(step.other(), i) && other.desc().equals(target);
        memory.desc addend = other == null || inPlace ? null : other.desc();
        primitive_attr fused = Primitives.fused(inPlace, addend, step.activation());
        convolution_forward.primitive_desc common = null;
        for (memory.desc source : sources(step)) {
            common = descriptors.forward(kernel, source, target, fused);
            if (common != null && !OneDnn.isSlow(common)) {
                return fused(i, step, common, source, other, inPlace);
            }
        }
        convolution_forward.primitive_desc any =
                descriptors.forward(
                        kernel,
                        descriptors.any(tensors.common(step.from())),
                        descriptors.any(target),
                        new primitive_attr());
        if (common == null && any == null) {
            throw Tensors.unsupported(step);
        }
        return common != null && (any == null || OneDnn.isSlow(any))
                ? fused(i, step, common, tensors.common(step.from()), other, inPlace)
                : apart(i, step, any, target, other);
    }

    /** Everything in one primitive. */
    private Slot fused(
            int i,
            Step step,
            convolution_forward.primitive_desc desc,
            memory.desc source,
            Slot other,
            boolean inPlace) {
        Slot from = tensors.value(step.input(), source);
        Slot result = inPlace ? other : program.slot(desc.dst_desc());
        tensors.setSource(i, from);
        List<Program.Argument> arguments = arguments(i, desc, from, result);
        if (other != null && !inPlace) {
            arguments.add(argument(DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1, other));
        }
        program.add(
                step.name(),
                new convolution_forward(desc),
                arguments.toArray(Program.Argument[]::new));
        return result;
    }

    /** The convolution in layouts of its own; the rest behind it. */
    private Slot apart(
            int i, Step step, convolution_forward.primitive_desc desc, memory.desc to, Slot other) {
        Slot from = tensors.value(step.input(), desc.src_desc());
        Slot own = program.slot(desc.dst_desc());
        tensors.setSource(i, from);
        program.add(
                step.name(),
                new convolution_forward(desc),
                arguments(i, desc, from, own).toArray(Program.Argument[]::new));
        Slot result = program.convert(own, to, step.name());
        if (other != null) {
            add(step, result, other, result);
        } else if (step.activation() != null) {
            activate(step, result, result);
        }
        return result;
    }

    private List<Program.Argument> arguments(
            int i, convolution_forward.primitive_desc desc, Slot from, Slot result) {
        NetworkWeights weights = tensors.weights();
        List<Program.Argument> arguments = new ArrayList<>();
        arguments.add(argument(DNNL_ARG_SRC, from));
        arguments.add(
                argument(
                        DNNL_ARG_WEIGHTS,
                        Program.constant(weights.kernel(i, desc.weights_desc()))));
        arguments.add(argument(DNNL_ARG_BIAS, Program.constant(weights.bias(i))));
        arguments.add(argument(DNNL_ARG_DST, result));
        return arguments;
    }

    /** The output itself is float32, so that it is not rounded once more. */
    private memory.desc target(int i, Step step) {
        boolean isOutput = i == graph.last() && graph.head() == null;
        return isOutput
                ? OneDnn.desc(tensors.images(), step.to(), memory.data_type.f32, tensors.layout())
                : tensors.common(step.to());
    }

    /** Layouts to try: an image's plain order first, which saves a reorder. */
    private List<memory.desc> sources(Step step) {
        memory.desc common = tensors.common(step.from());
        memory.desc plain = tensors.plain(step.from(), descriptors.type());
        return step.input() == Network.IMAGE && !plain.equals(common)
                ? List.of(plain, common)
                : List.of(common);
    }

    /** Whether nobody reads a value after step {@code by}, which adds to it. */
    private boolean mayOverwrite(int value, int by) {
        if (value == Network.IMAGE || isView(value)) {
            return false;
        }
        for (int reader : graph.readers(value)) {
            Step step = graph.steps().get(reader);
            boolean isReadLater = reader > by || step.input() == step.other() || isView(reader);
            if (isReadLater || (purpose.runsBack() && readsBack(step, value))) {
                return false;
            }
        }
        return !purpose.runsBack() || graph.steps().get(value).activation() == null;
    }

    /** Whether a step's gradient needs what the step read. */
    private boolean readsBack(Step step, int value) {
        return step.input() == value
                && (step.work() instanceof Step.Normalise
                        || (step.work() instanceof Step.Convolve && purpose.parameterGradient()));
    }

    private boolean isView(int step) {
        return graph.steps().get(step).work() instanceof Step.View;
    }

    private static Program.Argument argument(int index, Slot slot) {
        return new Program.Argument(index, slot);
    }
}
