package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;

/**
 * Everything to run a fixed number of images through a network, and back as far as its {@link
 * Purpose} says: one layout for all activations, so that little is reordered between layers;
 * activations fused into convolutions, their derivatives taken from the results; tensors that are
 * never needed at the same time in one place.
 *
 * <p>Native memory belongs to the scope that was open at construction. Not thread-safe.
 */
final class Plan {
    private static final memory.data_type F32 = memory.data_type.f32;

    private final Tensors tensors;
    private final Graph graph;
    private final Program program;
    private final NetworkWeights weights;
    private final Purpose purpose;
    private final int images;
    private final int afterForward;
    private final int afterResult;
    private final int afterBackward;
    private final ImageGradient imageGradient;
    private final WeightGradients weightGradients;

    private final FloatBuffer pixels;

    /** What the head reads, or the output: float32. */
    private final FloatBuffer results;

    private final float[] resultValues;
    private final float[] headValues;
    private float headBias;
    private final FloatBuffer seeds;
    private final float[] seedValues;

    /**
     * @param images number of images n
     * @param layout order of all activations
     */
    Plan(
            int images,
            Graph graph,
            Mode mode,
            Purpose purpose,
            NetworkWeights weights,
            Descriptors descriptors,
            Layout layout,
            stream stream) {
        this.images = images;
        this.graph = graph;
        this.weights = weights;
        this.purpose = purpose;
        tensors = new Tensors(graph, images, mode, layout, descriptors, weights);
        program = tensors.program();
        ForwardPass.write(tensors, purpose);
        afterForward = program.position();
        Slot result = result();
        afterResult = program.position();

        boolean needsSeed = purpose.runsBack() && (purpose.seeded() || graph.head() == null);
        Slot seed = needsSeed ? program.kept(resultDesc()) : null;
        imageGradient = purpose.imageGradient() ? new ImageGradient(tensors) : null;
        weightGradients = purpose.parameterGradient() ? new WeightGradients(tensors) : null;
        if (purpose.runsBack()) {
            BackwardPass.write(tensors, purpose, incoming(seed), imageGradient, weightGradients);
        }
        afterBackward = program.position();
        if (weightGradients != null) {
            weightGradients.finish();
        }
        program.build(stream);

        pixels = OneDnn.floats(tensors.pixels().memory());
        results = OneDnn.floats(result.memory());
        resultValues = new float[results.capacity()];
        headValues = new float[graph.head() == null ? 0 : resultValues.length / images];
        if (graph.head() != null) {
            FloatBuffer head =
                    OneDnn.floats(
                            weights.headGradient(
                                    1, OneDnn.desc(1, resultShape(), F32, resultLayout())));
            weights.onLoad(
                    () -> {
                        head.get(0, headValues);
                        headBias = graph.head().bias(weights.parameters());
                    });
        }
        seeds = seed == null ? null : OneDnn.floats(seed.memory());
        seedValues = new float[seed == null ? 0 : seeds.capacity()];
        if (seed != null) {
            Arrays.fill(seedValues, 1);
            seeds.put(0, seedValues);
        }
    }

    int images() {
        return images;
    }

    /** Copies pixels in; they begin at {@code offset}. */
    void load(float[] from, int offset) {
        pixels.put(0, from, offset, pixels.capacity());
    }

    /** From the images to the last step's result. */
    void runForward() {
        program.run(0, afterForward);
    }

    /**
     * After {@link #runForward} and before the way back, which takes the results' place: writes the
     * outputs of all images, energies each summed in one order.
     */
    void readOutputs(float[] outputs, int offset) {
        program.run(afterForward, afterResult);
        results.get(0, resultValues);
        if (graph.head() == null) {
            System.arraycopy(resultValues, 0, outputs, offset, resultValues.length);
            return;
        }
        for (int i = 0; i < images; i++) {
            outputs[offset + i] = (float) (dot(i * headValues.length) + headBias);
        }
    }

    boolean givesImageGradient() {
        return imageGradient != null;
    }

    /** Takes the gradients by the outputs of all images; without effect unless seeded. */
    void seed(float[] gradients, int offset) {
        if (!purpose.seeded() || seeds == null) {
            return;
        }
        if (graph.head() == null) {
            System.arraycopy(gradients, offset, seedValues, 0, seedValues.length);
        } else {
            for (int i = 0; i < images; i++) {
                float factor = gradients[offset + i];
                for (int j = 0; j < headValues.length; j++) {
                    seedValues[i * headValues.length + j] = factor * headValues[j];
                }
            }
        }
        seeds.put(0, seedValues);
    }

    /** After {@link #runForward}: from the outputs back. */
    void runBackward() {
        program.run(afterResult, afterBackward);
        if (imageGradient != null) {
            imageGradient.fetch();
        }
        if (weightGradients != null) {
            weightGradients.hasRun();
        }
    }

    /** After {@link #runBackward}: writes the gradient by image {@code i}, [c, h, w]. */
    void readImageGradient(int i, float[] gradient, int offset) {
        imageGradient.read(i, gradient, offset);
    }

    /** Sums over the runs, or null if the plan has none. */
    WeightGradients weightGradients() {
        return weightGradients;
    }

    /**
     * After {@link #readOutputs}: adds what the head reads, each image's with its own factor, to a
     * sum in the order of {@link #resultLayout}.
     */
    void addFeatures(float[] factors, int offset, float[] sum) {
        for (int i = 0; i < images; i++) {
            float factor = factors[offset + i];
            int from = i * sum.length;
            for (int j = 0; j < sum.length; j++) {
                sum[j] += factor * resultValues[from + j];
            }
        }
    }

    /** Moves running statistics in a parameter vector toward those of the last run. */
    void moveStatistics(float[] parameters) {
        for (int i = 0; i < graph.steps().size(); i++) {
            if (graph.steps().get(i).work() instanceof Step.Normalise norm) {
                ImageShape shape = graph.steps().get(i).to();
                double count = (double) images * shape.height() * shape.width();
                FloatBuffer mean = OneDnn.floats(tensors.mean(i).memory());
                FloatBuffer variance = OneDnn.floats(tensors.variance(i).memory());
                double unbiased = count > 1 ? count / (count - 1) : 1;
                norm.tensors().move(parameters, mean, variance, unbiased);
            }
        }
    }

    /** Length of one image's features, padding included. */
    int featureLength() {
        return headValues.length;
    }

    /** Order of what the head reads; the output's is plain. */
    Layout resultLayout() {
        return graph.head() == null || graph.steps().isEmpty() ? Layout.PLAIN : tensors.layout();
    }

    private ImageShape resultShape() {
        return graph.shape(graph.last());
    }

    private memory.desc resultDesc() {
        return OneDnn.desc(images, resultShape(), F32, resultLayout());
    }

    /** The last step's result in float32, where it stays after the run. */
    private Slot result() {
        Slot last = graph.steps().isEmpty() ? tensors.pixels() : tensors.value(graph.last());
        memory.desc desc = resultDesc();
        return last == tensors.pixels() ? last : program.copy(last, program.kept(desc), "result");
    }

    /** Gradient by the last step's result. */
    private Slot incoming(Slot seed) {
        memory.desc last =
                graph.steps().isEmpty() ? resultDesc() : tensors.value(graph.last()).desc();
        return seed == null
                ? Program.constant(weights.headGradient(images, last))
                : program.convert(seed, last, "seed");
    }

    private double dot(int offset) {
        // Four sums side by side hide the latency of the additions; their order is fixed.
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i + 3 < headValues.length; i += 4) {
            sum0 += (double) resultValues[offset + i] * headValues[i];
            sum1 += (double) resultValues[offset + i + 1] * headValues[i + 1];
            sum2 += (double) resultValues[offset + i + 2] * headValues[i + 2];
            sum3 += (double) resultValues[offset + i + 3] * headValues[i + 3];
        }
        for (; i < headValues.length; i++) {
            sum0 += (double) resultValues[offset + i] * headValues[i];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }
}
