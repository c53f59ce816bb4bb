package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.ebmstream.ops.energy.ImageShape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

/**
 * Everything to run a fixed number of images through a network, forward and back to the image: one
 * layout for all activations, so that nothing is reordered between layers; activations fused into
 * convolutions; their derivatives taken from the sign of the output; the head's gradient kept as a
 * constant; the image's gradient computed by a folded forward convolution ({@link Fold}).
 *
 * <p>Native memory belongs to the scope that was open at construction. Not thread-safe.
 */
final class BlockPlan {
    private static final memory.data_type F32 = memory.data_type.f32;

    /** Channels of a vector register: what a folded gradient may fill. */
    private static final int LANES = 16;

    private final int images;
    private final List<Stage> stages;
    private final NetworkWeights weights;
    private final Descriptors descriptors;
    private final Layout layout;
    private final stream stream;

    /** What each stage but the head reads: index 0 the image, index i the result of stage i-1. */
    private final memory[] values;

    /** Gradient by each stage's convolution result, before its activation. */
    private final memory[] gradients;

    private final List<Operation> forward = new ArrayList<>();
    private final List<Operation> backward = new ArrayList<>();
    private final List<Operation> imageGradient = new ArrayList<>();
    private final List<Operation> toFeatures = new ArrayList<>();

    private final FloatBuffer pixels;
    private final FloatBuffer features;
    private final float[] featureValues;
    private final float[] headValues;
    private FloatBuffer raw;
    private float[] rawValues;
    private PixelOrder rawOrder;

    /**
     * @param images number of images n
     * @param layout order of all activations
     */
    BlockPlan(
            int images,
            List<Stage> stages,
            NetworkWeights weights,
            Descriptors descriptors,
            Layout layout,
            stream stream) {
        this.images = images;
        this.stages = stages;
        this.weights = weights;
        this.descriptors = descriptors;
        this.layout = layout;
        this.stream = stream;
        int body = stages.size() - 1;
        values = new memory[body + 1];
        gradients = new memory[body];
        ImageShape shape = stages.get(0).input();
        memory plainImage = OneDnn.allocate(OneDnn.desc(images, shape, F32, Layout.PLAIN));
        pixels = OneDnn.floats(plainImage);

        values[0] = body == 0 ? plainImage : convert(plainImage, imageDesc(), "image", forward);
        for (int i = 0; i < body; i++) {
            addForward(i);
        }
        memory featureMemory = convert(values[body], featureDesc(images), "features", toFeatures);
        features = OneDnn.floats(featureMemory);
        featureValues = new float[features.capacity()];
        headValues = new float[featureValues.length / images];
        FloatBuffer head = OneDnn.floats(weights.headGradient(1, featureDesc(1)));
        weights.onLoad(() -> head.get(0, headValues));

        memory incoming = weights.headGradient(images, values[body].get_desc());
        for (int i = body - 1; i >= 0; i--) {
            incoming = addBackward(i, incoming, i == body - 1);
        }
        if (body == 0 || stages.get(0).conv() == null) {
            useRaw(
                    convert(
                            incoming,
                            OneDnn.desc(images, shape, F32, Layout.PLAIN),
                            "image gradient",
                            imageGradient),
                    PixelOrder.plain(shape));
        }
    }

    int images() {
        return images;
    }

    /** Copies pixels in; they begin at {@code offset}. */
    void load(float[] from, int offset) {
        pixels.put(0, from, offset, pixels.capacity());
    }

    /** Runs the stages up to what the head reads. */
    void runForward() {
        Operation.runAll(forward);
    }

    /** After {@link #runForward}: gradients by every stage's result. */
    void runBackward() {
        Operation.runAll(backward);
    }

    /** After {@link #runBackward}: the gradient by the image, for {@link #readImageGradient}. */
    void runImageGradient() {
        Operation.runAll(imageGradient);
        raw.get(0, rawValues);
    }

    /** Writes the gradient by image {@code i}, [c, h, w]. */
    void readImageGradient(int i, float[] gradient, int offset) {
        rawOrder.unfold(rawValues, i * (rawValues.length / images), gradient, offset);
    }

    /** After {@link #runForward}: energies of all images, each summed in one order. */
    void readEnergies(float[] energies, int offset) {
        readFeatures();
        int length = headValues.length;
        for (int i = 0; i < images; i++) {
            energies[offset + i] = (float) (dot(featureValues, i * length) + weights.headBias());
        }
    }

    /**
     * After {@link #runForward}: adds what the head reads, summed over the images, to a sum in the
     * order of {@link #featureLayout}.
     */
    void addFeatures(float[] sum) {
        readFeatures();
        for (int i = 0; i < images; i++) {
            int from = i * sum.length;
            for (int j = 0; j < sum.length; j++) {
                sum[j] += featureValues[from + j];
            }
        }
    }

    private void readFeatures() {
        Operation.runAll(toFeatures);
        features.get(0, featureValues);
    }

    /** Order of what the head reads. */
    Layout featureLayout() {
        return stages.size() == 1 ? Layout.PLAIN : layout;
    }

    private memory.desc featureDesc(int count) {
        return OneDnn.desc(count, stages.get(stages.size() - 1).input(), F32, featureLayout());
    }

    /** Length of one image's features, padding included. */
    int featureLength() {
        return headValues.length;
    }

    /** What stage {@code i} read. */
    memory value(int i) {
        return values[i];
    }

    /** Gradient by the result of stage {@code i}'s convolution. */
    memory gradient(int i) {
        return gradients[i];
    }

    Descriptors descriptors() {
        return descriptors;
    }

    /** Order in which the first stage reads the image: plain if a primitive takes that. */
    private memory.desc imageDesc() {
        Stage first = stages.get(0);
        memory.desc common = OneDnn.desc(images, first.input(), descriptors.type(), layout);
        if (first.conv() == null) {
            return common;
        }
        memory.desc plain = OneDnn.desc(images, first.input(), descriptors.type(), Layout.PLAIN);
        if (plain.equals(common)) {
            return common;
        }
        convolution_forward.primitive_desc direct =
                descriptors.forward(first.conv(), first.slope(), plain, resultDesc(0));
        return direct != null && !OneDnn.isSlow(direct) ? plain : common;
    }

    private memory.desc resultDesc(int stage) {
        return OneDnn.desc(images, stages.get(stage).output(), descriptors.type(), layout);
    }

    private void addForward(int i) {
        Stage stage = stages.get(i);
        memory.desc desc = resultDesc(i);
        memory result = OneDnn.allocate(desc);
        values[i + 1] = result;
        if (stage.conv() == null) {
            eltwise_forward.primitive_desc activation = descriptors.activation(stage.slope(), desc);
            add(
                    forward,
                    stage.name(),
                    new eltwise_forward(activation),
                    argument(DNNL_ARG_SRC, values[i]),
                    argument(DNNL_ARG_DST, result));
            return;
        }
        convolution_forward.primitive_desc conv =
                descriptors.forward(stage.conv(), stage.slope(), values[i].get_desc(), desc);
        add(
                forward,
                stage.name(),
                new convolution_forward(offered(conv, stage)),
                argument(DNNL_ARG_SRC, values[i]),
                argument(DNNL_ARG_WEIGHTS, weights.kernel(i, conv.weights_desc())),
                argument(DNNL_ARG_BIAS, weights.bias(i)),
                argument(DNNL_ARG_DST, result));
    }

    /**
     * @param incoming gradient by the stage's result
     * @param constant whether {@code incoming} must stay as it is
     * @return gradient by what the stage read; null where that is the image
     */
    private memory addBackward(int i, memory incoming, boolean constant) {
        Stage stage = stages.get(i);
        memory.desc desc = incoming.get_desc();
        memory gradient = incoming;
        if (stage.activates()) {
            gradient = constant ? OneDnn.allocate(desc) : incoming;
            add(
                    backward,
                    stage.name() + " activation",
                    new eltwise_backward(descriptors.activationBackward(stage.slope(), desc)),
                    argument(DNNL_ARG_DST, values[i + 1]),
                    argument(DNNL_ARG_DIFF_DST, incoming),
                    argument(DNNL_ARG_DIFF_SRC, gradient));
        }
        gradients[i] = gradient;
        if (stage.conv() == null) {
            return gradient;
        }
        if (i == 0) {
            addImageGradient(stage, gradient);
            return null;
        }
        memory.desc target = resultDesc(i - 1);
        convolution_backward_data.primitive_desc conv =
                descriptors.backwardData(stage.conv(), target, desc);
        memory result = OneDnn.allocate(target);
        add(
                backward,
                stage.name() + " backward",
                new convolution_backward_data(offered(conv, stage)),
                argument(DNNL_ARG_DIFF_DST, gradient),
                argument(DNNL_ARG_WEIGHTS, weights.kernel(i, conv.weights_desc())),
                argument(DNNL_ARG_DIFF_SRC, result));
        return result;
    }

    /** Gradient of the first convolution by the image. */
    private void addImageGradient(Stage stage, memory gradient) {
        int lanes = layout == Layout.BLOCKED_8 ? Layout.BLOCKED_8.block : LANES;
        Fold fold = Fold.of(stage.conv(), stage.input(), lanes);
        if (fold != null) {
            memory.desc desc = OneDnn.desc(images, fold.shape(), F32, layout);
            convolution_forward.primitive_desc conv =
                    descriptors.plain(fold.folded(), gradient.get_desc(), desc);
            if (conv != null && !OneDnn.isSlow(conv)) {
                memory result = OneDnn.allocate(desc);
                add(
                        imageGradient,
                        stage.name() + " folded backward",
                        new convolution_forward(conv),
                        argument(DNNL_ARG_SRC, gradient),
                        argument(DNNL_ARG_WEIGHTS, weights.folded(fold, conv.weights_desc())),
                        argument(DNNL_ARG_DST, result));
                useRaw(result, PixelOrder.folded(stage.input(), fold.factor(), layout));
                return;
            }
        }
        memory.desc plain = OneDnn.desc(images, stage.input(), F32, Layout.PLAIN);
        memory.desc target = OneDnn.desc(images, stage.input(), descriptors.type(), layout);
        convolution_backward_data.primitive_desc conv =
                descriptors.backwardData(stage.conv(), target, gradient.get_desc());
        memory result = OneDnn.allocate(target);
        add(
                imageGradient,
                stage.name() + " backward",
                new convolution_backward_data(offered(conv, stage)),
                argument(DNNL_ARG_DIFF_DST, gradient),
                argument(DNNL_ARG_WEIGHTS, weights.kernel(0, conv.weights_desc())),
                argument(DNNL_ARG_DIFF_SRC, result));
        useRaw(
                convert(result, plain, "image gradient", imageGradient),
                PixelOrder.plain(stage.input()));
    }

    private void useRaw(memory memory, PixelOrder order) {
        raw = OneDnn.floats(memory);
        rawValues = new float[raw.capacity()];
        rawOrder = order;
    }

    /**
     * The same values in another order or format: the same bytes where they lie so already. They
     * get the new descriptor all the same: with one channel two layouts count as equal, but oneDNN
     * chooses its code by the strides, which are not.
     */
    private memory convert(memory from, memory.desc desc, String name, List<Operation> operations) {
        if (from.get_desc().equals(desc)) {
            return new memory(desc, OneDnn.engine(), from.get_data_handle());
        }
        memory to = OneDnn.allocate(desc);
        add(
                operations,
                "reorder of " + name,
                new reorder(from, to),
                argument(DNNL_ARG_FROM, from),
                argument(DNNL_ARG_TO, to));
        return to;
    }

    private void add(
            List<Operation> operations,
            String name,
            primitive primitive,
            Operation.Argument... arguments) {
        operations.add(new Operation(name, primitive, stream, arguments));
    }

    private double dot(float[] from, int offset) {
        // Four sums side by side hide the latency of the additions; their order is fixed.
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i + 3 < headValues.length; i += 4) {
            sum0 += (double) from[offset + i] * headValues[i];
            sum1 += (double) from[offset + i + 1] * headValues[i + 1];
            sum2 += (double) from[offset + i + 2] * headValues[i + 2];
            sum3 += (double) from[offset + i + 3] * headValues[i + 3];
        }
        for (; i < headValues.length; i++) {
            sum0 += (double) from[offset + i] * headValues[i];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    private static <T> T offered(T desc, Stage stage) {
        if (desc == null) {
            throw new UnsupportedOperationException(
                    "expected oneDNN to run layer "
                            + stage.name()
                            + " ("
                            + stage.conv()
                            + ") on "
                            + OneDnn.instructionSet()
                            + ", found no implementation; use executor nd4j");
        }
        return desc;
    }

    private static Operation.Argument argument(int index, memory memory) {
        return new Operation.Argument(index, memory);
    }
}
