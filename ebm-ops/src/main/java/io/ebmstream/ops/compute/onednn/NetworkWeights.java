package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;

/**
 * All weights of a network in the orders that its plans asked for, shared by the plans. Zero until
 * loaded. Not thread-safe.
 */
final class NetworkWeights {
    private static final memory.data_type F32 = memory.data_type.f32;

    private final List<Stage> stages;
    private final Stage head;
    private final stream stream;
    private final Map<Integer, WeightTensor> kernels = new HashMap<>();
    private final Map<Integer, memory> biases = new HashMap<>();
    private final Map<Integer, FloatBuffer> biasValues = new HashMap<>();
    private final Map<Fold, WeightTensor> folded = new HashMap<>();
    private final Map<Integer, WeightTensor> headGradients = new HashMap<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private float headBias;

    NetworkWeights(List<Stage> stages, stream stream) {
        this.stages = stages;
        this.head = stages.get(stages.size() - 1);
        this.stream = stream;
    }

    /** Weights of a stage's convolution. */
    memory kernel(int stage, memory.desc desc) {
        return kernels.computeIfAbsent(
                        stage, i -> tensor(stages.get(i).name(), stages.get(i).conv()))
                .in(desc);
    }

    /** Bias of a stage's convolution. */
    memory bias(int stage) {
        memory bias = biases.get(stage);
        if (bias == null) {
            bias = OneDnn.allocate(OneDnn.vectorDesc(stages.get(stage).conv().out()));
            biases.put(stage, bias);
            biasValues.put(stage, OneDnn.floats(bias));
        }
        return bias;
    }

    /** Kernel of the first convolution's folded gradient. */
    memory folded(Fold fold, memory.desc desc) {
        return folded.computeIfAbsent(fold, f -> tensor("folded gradient", f.folded())).in(desc);
    }

    /**
     * Gradient of the energy by what the head reads, the same for every image: the head's weights
     * where it reaches, 0 elsewhere.
     *
     * @param n images that it is repeated for
     */
    memory headGradient(int n, memory.desc desc) {
        return headGradients
                .computeIfAbsent(
                        n,
                        images ->
                                new WeightTensor(
                                        "head gradient",
                                        OneDnn.desc(images, head.input(), F32, Layout.PLAIN),
                                        stream))
                .in(desc);
    }

    float headBias() {
        return headBias;
    }

    /** Has something run after every load, beginning now. */
    void onLoad(Runnable listener) {
        listeners.add(listener);
        listener.run();
    }

    /** Takes a new parameter vector. */
    void load(float[] parameters) {
        kernels.forEach((i, tensor) -> tensor.load(parameters, stages.get(i).weights()));
        biasValues.forEach(
                (i, bias) -> bias.put(0, parameters, stages.get(i).bias(), bias.capacity()));
        folded.forEach(
                (fold, tensor) -> {
                    float[] kernel = new float[fold.folded().weights()];
                    fold.fold(parameters, stages.get(0).weights(), kernel);
                    tensor.load(kernel, 0);
                });
        headGradients.forEach(
                (n, tensor) -> {
                    float[] gradient = headGradient(parameters);
                    float[] repeated = new float[n * gradient.length];
                    for (int i = 0; i < n; i++) {
                        System.arraycopy(
                                gradient, 0, repeated, i * gradient.length, gradient.length);
                    }
                    tensor.load(repeated, 0);
                });
        headBias = parameters[head.bias()];
        listeners.forEach(Runnable::run);
    }

    private float[] headGradient(float[] parameters) {
        ImageShape shape = head.input();
        Layer.Conv2d conv = head.conv();
        float[] gradient = new float[shape.size()];
        int at = 0;
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    int weight = headWeight(conv, c, y, x);
                    gradient[at++] = weight < 0 ? 0 : parameters[head.weights() + weight];
                }
            }
        }
        return gradient;
    }

    /** Index of the head's weight that meets pixel (c, y, x), or -1 where none does. */
    static int headWeight(Layer.Conv2d conv, int c, int y, int x) {
        int p = y + conv.padding();
        int q = x + conv.padding();
        return p < conv.kernel() && q < conv.kernel()
                ? (c * conv.kernel() + p) * conv.kernel() + q
                : -1;
    }

    private WeightTensor tensor(String name, Layer.Conv2d conv) {
        return new WeightTensor(
                name,
                OneDnn.weightsDesc(
                        conv.out(), conv.in(), conv.kernel(), F32, memory.format_tag.abcd),
                stream);
    }
}
