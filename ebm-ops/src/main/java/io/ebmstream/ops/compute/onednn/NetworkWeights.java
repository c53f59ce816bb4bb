package io.ebmstream.ops.compute.onednn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;

/**
 * All tensors of a network that are made from its parameters, in the orders that its plans asked
 * for, shared by the plans. Everything is made from zeros until loaded. Not thread-safe.
 */
final class NetworkWeights {
    private static final memory.data_type F32 = memory.data_type.f32;

    private final Graph graph;
    private final stream stream;
    private final float[] parameters;
    private final Map<Key, WeightTensor> tensors = new LinkedHashMap<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private float[] scratch = new float[0];

    /** Whether the parameters are zeros, from which only zeros are made, as memory is at first. */
    private boolean isBlank;

    /** Names a tensor among the others. */
    private record Key(int step, String what, Object detail) {}

    /**
     * @param parameters the parameter vector; changed by its owner before {@link #reload}
     */
    NetworkWeights(Graph graph, float[] parameters, stream stream) {
        this.graph = graph;
        this.parameters = parameters;
        isBlank = true;
        for (float parameter : parameters) {
            isBlank &= parameter == 0;
        }
        this.stream = stream;
    }

    float[] parameters() {
        return parameters;
    }

    /** Weights of a step's convolution. */
    memory kernel(int step, memory.desc desc) {
        Composition weights = convolution(step);
        return tensor(new Key(step, "weights", null), plainDesc(weights.kernel()), weights::compose)
                .in(desc);
    }

    /** Bias of a step's convolution; zeros if it has none. */
    memory bias(int step) {
        Composition weights = convolution(step);
        return vector(step, "bias", weights.kernel().out(), weights::composeBias);
    }

    /** Kernel of a step's folded image gradient. */
    memory folded(int step, Fold fold, memory.desc desc) {
        Composition weights = convolution(step);
        BiConsumer<float[], float[]> composition =
                (from, kernel) -> {
                    float[] unfolded = new float[weights.kernel().weights()];
                    weights.compose(from, unfolded);
                    fold.fold(unfolded, kernel);
                };
        return tensor(new Key(step, "folded weights", fold), plainDesc(fold.folded()), composition)
                .in(desc);
    }

    /** One of a batch normalisation's tensors, which begins at {@code offset} of the parameters. */
    memory normalisation(int step, String what, int offset, int channels) {
        return vector(
                step,
                what,
                channels,
                (from, values) -> System.arraycopy(from, offset, values, 0, channels));
    }

    /**
     * Gradient of the energy by what the head reads, the same for every image: see {@link Head}.
     *
     * @param n images that it is repeated for
     */
    memory headGradient(int n, memory.desc desc) {
        Head head = graph.head();
        BiConsumer<float[], float[]> composition =
                (from, repeated) -> {
                    float[] gradient = head.gradient(from);
                    for (int i = 0; i < n; i++) {
                        System.arraycopy(
                                gradient, 0, repeated, i * gradient.length, gradient.length);
                    }
                };
        return tensor(
                        new Key(graph.steps().size(), "head gradient", n),
                        OneDnn.desc(n, head.features(), F32, Layout.PLAIN),
                        composition)
                .in(desc);
    }

    /** Has something run after every load, beginning now. */
    void onLoad(Runnable listener) {
        listeners.add(listener);
        listener.run();
    }

    /** Makes everything anew from the parameters. */
    void reload() {
        isBlank = false;
        tensors.values().forEach(this::load);
        listeners.forEach(Runnable::run);
    }

    private void load(WeightTensor tensor) {
        if (scratch.length < tensor.size()) {
            scratch = new float[tensor.size()];
        }
        tensor.load(parameters, scratch);
    }

    private memory vector(
            int step, String what, int length, BiConsumer<float[], float[]> composition) {
        memory.desc desc = OneDnn.vectorDesc(length);
        return tensor(new Key(step, what, null), desc, composition).in(desc);
    }

    private WeightTensor tensor(
            Key key, memory.desc plainDesc, BiConsumer<float[], float[]> composition) {
        WeightTensor known = tensors.get(key);
        if (known == null) {
            known = new WeightTensor(key.what(), plainDesc, composition, stream);
            tensors.put(key, known);
            if (!isBlank) {
                load(known);
            }
        }
        return known;
    }

    private Composition convolution(int step) {
        return ((Step.Convolve) graph.steps().get(step).work()).weights();
    }

    private static memory.desc plainDesc(Kernel kernel) {
        return OneDnn.weightsDesc(kernel, F32, memory.format_tag.abcd);
    }
}
