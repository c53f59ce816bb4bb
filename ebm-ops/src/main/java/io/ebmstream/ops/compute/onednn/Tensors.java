package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;

/**
 * What the passes of one plan share while they write its program: for how many images it is, the
 * layout of all activations, and the tensors that steps have left behind.
 */
final class Tensors {
    private static final memory.data_type F32 = memory.data_type.f32;

    private final Graph graph;
    private final int images;
    private final Mode mode;
    private final Layout layout;
    private final Descriptors descriptors;
    private final NetworkWeights weights;
    private final Program program = new Program();
    private final Slot pixels;

    /** The image in every layout that a step asked for. */
    private final List<Slot> imageForms = new ArrayList<>();

    private final Slot[] values;
    private final Slot[] sources;
    private final Slot[] means;
    private final Slot[] variances;

    Tensors(
            Graph graph,
            int images,
            Mode mode,
            Layout layout,
            Descriptors descriptors,
            NetworkWeights weights) {
        this.graph = graph;
        this.images = images;
        this.mode = mode;
        this.layout = layout;
        this.descriptors = descriptors;
        this.weights = weights;
        this.values = new Slot[graph.steps().size()];
        this.sources = new Slot[values.length];
        this.means = new Slot[values.length];
        this.variances = new Slot[values.length];
        this.pixels = program.kept(OneDnn.desc(images, graph.input(), F32, Layout.PLAIN));
        imageForms.add(pixels);
    }

    Graph graph() {
        return graph;
    }

    int images() {
        return images;
    }

    Mode mode() {
        return mode;
    }

    Layout layout() {
        return layout;
    }

    Descriptors descriptors() {
        return descriptors;
    }

    NetworkWeights weights() {
        return weights;
    }

    Program program() {
        return program;
    }

    /** The images as they come, float32 in plain order. */
    Slot pixels() {
        return pixels;
    }

    /** How activations of a shape look: the common layout in the plan's number format. */
    memory.desc common(ImageShape shape) {
        return OneDnn.desc(images, shape, descriptors.type(), layout);
    }

    memory.desc plain(ImageShape shape, memory.data_type type) {
        return OneDnn.desc(images, shape, type, Layout.PLAIN);
    }

    /** A step's result or the image, in the common layout. */
    Slot value(int step) {
        return step == Network.IMAGE ? image(common(graph.input())) : values[step];
    }

    void setValue(int step, Slot value) {
        values[step] = value;
    }

    /** A step's result or the image, in a layout that some primitive wants. */
    Slot value(int step, memory.desc desc) {
        return step == Network.IMAGE
                ? image(desc)
                : program.convert(values[step], desc, graph.steps().get(step).name());
    }

    /** What a convolution read, for its weights' gradient. */
    Slot source(int step) {
        return sources[step];
    }

    void setSource(int step, Slot source) {
        sources[step] = source;
    }

    /** Mean that a batch normalisation used, [channels]. */
    Slot mean(int step) {
        return means[step];
    }

    /** Variance that a batch normalisation used, [channels]. */
    Slot variance(int step) {
        return variances[step];
    }

    void setStatistics(int step, Slot mean, Slot variance) {
        means[step] = mean;
        variances[step] = variance;
    }

    private Slot image(memory.desc desc) {
        for (Slot form : imageForms) {
            if (form.desc().equals(desc)) {
                return form.as(desc);
            }
        }
        Slot form = program.convert(pixels, desc, "image");
        imageForms.add(form);
        return form;
    }

    /** What to throw where oneDNN has no code for a step. */
    static UnsupportedOperationException unsupported(Step step) {
        return new UnsupportedOperationException(
                "expected oneDNN to run layer "
                        + step.name()
                        + " ("
                        + step.work()
                        + ") on "
                        + OneDnn.instructionSet()
                        + ", found no implementation; use executor nd4j");
    }
}
