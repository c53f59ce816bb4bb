package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.nio.FloatBuffer;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;

/**
 * The gradient by the image, where a plan leaves it for the caller: folded ({@link Fold}) if only
 * convolutions read the image and oneDNN has fast code for that, else in plain order.
 */
final class ImageGradient {
    private static final memory.data_type F32 = memory.data_type.f32;

    /** Channels of a vector register: what a folded gradient may fill. */
    private static final int LANES = 16;

    private final Tensors tensors;
    private final int factor;
    private Slot result;
    private boolean empty = true;
    private FloatBuffer raw;
    private float[] rawValues;
    private PixelOrder order;

    ImageGradient(Tensors tensors) {
        this.tensors = tensors;
        this.factor = factor();
    }

    boolean isFolded() {
        return factor > 0;
    }

    /** Adds the share of a convolution that reads the image, given the gradient by its result. */
    void add(int step, Slot gradient) {
        Fold fold = fold(step, factor);
        convolution_forward.primitive_desc desc = desc(fold, gradient.desc(), !empty);
        if (result == null) {
            result = tensors.program().kept(foldedDesc(fold));
        }
        empty = false;
        tensors.program()
                .add(
                        tensors.graph().steps().get(step).name() + " folded backward",
                        new convolution_forward(desc),
                        new Program.Argument(DNNL_ARG_SRC, gradient),
                        new Program.Argument(
                                DNNL_ARG_WEIGHTS,
                                Program.constant(
                                        tensors.weights().folded(step, fold, desc.weights_desc()))),
                        new Program.Argument(DNNL_ARG_DST, result));
    }

    /**
     * Takes the gradient where it isn't folded.
     *
     * @param gradient in any layout
     */
    void finish(Slot gradient) {
        ImageShape image = tensors.graph().input();
        if (isFolded()) {
            order = PixelOrder.folded(image, factor, tensors.layout());
            return;
        }
        order = PixelOrder.plain(image);
        memory.desc plain = tensors.plain(image, F32);
        result =
                gradient.isConstant() && gradient.desc().equals(plain)
                        ? gradient
                        : tensors.program()
                                .copy(gradient, tensors.program().kept(plain), "image gradient");
    }

    /** Gets the gradients of all images from native memory. */
    void fetch() {
        if (raw == null) {
            raw = OneDnn.floats(result.memory());
            rawValues = new float[raw.capacity()];
        }
        raw.get(0, rawValues);
    }

    /** After {@link #fetch}: writes the gradient by image {@code i}, [c, h, w]. */
    void read(int i, float[] gradient, int offset) {
        order.unfold(rawValues, i * (rawValues.length / tensors.images()), gradient, offset);
    }

    /** The largest factor with fast code for every convolution that reads the image, or 0. */
    private int factor() {
        int[] readers = tensors.graph().readers(Network.IMAGE);
        for (int f = LANES; f > 1; f--) {
            boolean all = readers.length > 0;
            for (int i = 0; i < readers.length && all; i++) {
                all = isFast(readers[i], f);
            }
            if (all) {
                return f;
            }
        }
        return 0;
    }

    private boolean isFast(int step, int f) {
        Step reader = tensors.graph().steps().get(step);
        int lanes = tensors.layout() == Layout.BLOCKED_8 ? Layout.BLOCKED_8.block : LANES;
        if (!(reader.work() instanceof Step.Convolve conv)
                || reader.other() == Network.IMAGE
                || !Fold.fits(conv.kernel(), reader.from(), f, lanes)) {
            return false;
        }
        convolution_forward.primitive_desc desc =
                desc(fold(step, f), tensors.common(reader.to()), true);
        return desc != null && !OneDnn.isSlow(desc);
    }

    private Fold fold(int step, int f) {
        Step reader = tensors.graph().steps().get(step);
        return new Fold(((Step.Convolve) reader.work()).kernel(), reader.from(), f);
    }

    private convolution_forward.primitive_desc desc(Fold fold, memory.desc gradient, boolean sum) {
        return tensors.descriptors()
                .plain(
                        fold.folded(),
                        gradient,
                        foldedDesc(fold),
                        Primitives.fused(sum, null, null));
    }

    private memory.desc foldedDesc(Fold fold) {
        return OneDnn.desc(tensors.images(), fold.shape(), F32, tensors.layout());
    }
}
