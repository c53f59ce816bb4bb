package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network's stages for a group of a fixed number of images, with the maps between them.
 *
 * <p>Nodes that do not lead to the output are left out. A leaky ReLU works in place where nobody
 * else wants what it reads. Where several nodes read one result, the first to run backward writes
 * its gradient, and the others add to it.
 *
 * <p>Not thread-safe. Owns maps and stages, not the weights.
 */
final class Plan implements AutoCloseable {
    private final Network network;
    private final int images;
    private final List<Step> steps = new ArrayList<>();
    private final List<INDArray> buffers = new ArrayList<>();
    private final Map<Integer, FeatureMap> values = new HashMap<>();
    private final Map<Integer, FeatureMap> gradients = new HashMap<>();
    private final FeatureMap input;
    private final FeatureMap output;
    private final float[] heap;

    /** A stage, and what adds its gradients to those that are there already. */
    private record Step(Stage stage, List<PreparedOp> sums) {}

    /**
     * @param weights by node; absent for nodes without weights
     */
    Plan(Network network, Map<Integer, LayerWeights> weights, int images) {
        this.network = network;
        this.images = images;
        TreeSet<Integer> path = path(network);
        Map<Integer, Integer> readers = new HashMap<>();
        for (int i : path) {
            network.nodes().get(i).inputs().forEach(from -> readers.merge(from, 1, Integer::sum));
        }
        put(Network.IMAGE, map(network.input()), map(network.input()));
        for (int i : path) {
            Network.Node node = network.nodes().get(i);
            int from = node.inputs().get(0);
            if (inPlace(node, readers)) {
                put(i, values.get(from), gradients.get(from));
            } else {
                put(i, map(network.shapes().get(i)), map(network.shapes().get(i)));
            }
        }
        TreeSet<Integer> written = new TreeSet<>();
        for (int i : path.descendingSet()) {
            steps.add(0, step(i, weights.get(i), written));
        }
        input = values.get(Network.IMAGE);
        output = values.get(network.nodes().size() - 1);
        heap = new float[(int) Math.max(input.buffer().length(), output.buffer().length())];
    }

    private void put(int node, FeatureMap value, FeatureMap gradient) {
        values.put(node, value);
        gradients.put(node, gradient);
    }

    private FeatureMap map(ImageShape shape) {
        FeatureMap map = FeatureMap.of(shape, images);
        buffers.add(map.buffer());
        return map;
    }

    /** The nodes that lead to the output. */
    static TreeSet<Integer> path(Network network) {
        TreeSet<Integer> path = new TreeSet<>();
        path.add(network.nodes().size() - 1);
        for (int i = network.nodes().size() - 1; i >= 0; i--) {
            if (path.contains(i)) {
                network.nodes().get(i).inputs().stream()
                        .filter(from -> from != Network.IMAGE)
                        .forEach(path::add);
            }
        }
        return path;
    }

    private boolean inPlace(Network.Node node, Map<Integer, Integer> readers) {
        int from = node.inputs().get(0);
        return node.layer() instanceof Layer.LeakyRelu
                && from != Network.IMAGE
                && readers.get(from) == 1
                && !(network.nodes().get(from).layer() instanceof Layer.Tanh);
    }

    private Step step(int index, LayerWeights weights, TreeSet<Integer> written) {
        Network.Node node = network.nodes().get(index);
        FeatureMap y = values.get(index);
        FeatureMap gy = gradients.get(index);
        List<FeatureMap> x = new ArrayList<>();
        List<FeatureMap> gx = new ArrayList<>();
        List<PreparedOp> sums = new ArrayList<>();
        for (int from : node.inputs()) {
            FeatureMap sum = gradients.get(from);
            FeatureMap target = sum;
            if (!written.add(from)) {
                target = map(sum.shape());
                sums.add(PreparedOp.add(sum.buffer(), target.buffer(), sum.buffer()));
            }
            x.add(values.get(from));
            gx.add(target);
        }
        return new Step(stage(node.layer(), weights, x, y, gy, gx), sums);
    }

    private static Stage stage(
            Layer layer,
            LayerWeights weights,
            List<FeatureMap> x,
            FeatureMap y,
            FeatureMap gy,
            List<FeatureMap> gx) {
        FeatureMap x0 = x.get(0);
        FeatureMap gx0 = gx.get(0);
        if (weights != null) {
            return weights.stage(x0, y, gy, gx0);
        }
        if (layer instanceof Layer.LeakyRelu leaky) {
            return new LeakyReluStage(leaky.slope(), x0, y, gy, gx0);
        }
        if (layer instanceof Layer.Tanh) {
            return new TanhStage(x0, y, gy, gx0);
        }
        if (layer instanceof Layer.Add) {
            return new AddStage(x0, x.get(1), y, gy, gx0, gx.get(1));
        }
        if (layer instanceof Layer.AveragePool2d pool) {
            return new AveragePoolStage(pool.window(), x0, y, gy, gx0);
        }
        if (layer instanceof Layer.UpsampleBilinear) {
            return new UpsampleStage(x0, y, gy, gx0);
        }
        if (layer instanceof Layer.Reshape) {
            return new ReshapeStage(x0, y, gy, gx0);
        }
        throw new UnsupportedOperationException(
                "expected a layer that executor nd4j knows, found "
                        + layer
                        + "; use executor reference");
    }

    /** Number of images of the group. */
    int images() {
        return images;
    }

    /**
     * Sets the first images; the others become 0.
     *
     * @param from [count, c, h, w] from index 0 on
     */
    void setInput(float[] from, int count) {
        write(from, count, input);
    }

    /** Computes the output. */
    void forward() {
        steps.forEach(step -> step.stage().forward());
    }

    /**
     * Computes all that {@link #backward} needs where the output itself is not wanted: a last
     * convolution's gradient does not depend on its result.
     */
    void forwardForGradient() {
        boolean linear = lastLayer() instanceof Layer.Conv2d || lastLayer() instanceof Layer.Dense;
        int needed = linear ? steps.size() - 1 : steps.size();
        for (int s = 0; s < needed; s++) {
            steps.get(s).stage().forward();
        }
    }

    private Layer lastLayer() {
        return network.nodes().get(network.nodes().size() - 1).layer();
    }

    /**
     * Sets the gradient by the first images' outputs; the others' become 0.
     *
     * @param from [count, c, h, w] of the output from index 0 on
     */
    void setOutputGradient(float[] from, int count) {
        write(from, count, gradients.get(network.nodes().size() - 1));
    }

    /**
     * Computes the gradient by the input.
     *
     * @param parameters whether to add the gradient by the weights to its sum, too
     */
    void backward(boolean parameters) {
        for (int s = steps.size() - 1; s >= 0; s--) {
            steps.get(s).stage().backward(parameters);
            steps.get(s).sums().forEach(PreparedOp::run);
        }
    }

    /** The first images' output, [count, c, h, w]. */
    void output(float[] to, int count) {
        read(output, to, count);
    }

    /** The gradient by the first images, [count, c, h, w]. */
    void inputGradient(float[] to, int count) {
        read(gradients.get(Network.IMAGE), to, count);
    }

    private void write(float[] planes, int count, FeatureMap map) {
        int channels = map.shape().channels();
        int pixels = map.shape().height() * map.shape().width();
        int length = images * channels * pixels;
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < channels; c++) {
                int plane = (i * channels + c) * pixels;
                int first = i * channels * pixels + c;
                for (int p = 0; p < pixels; p++) {
                    heap[first + p * channels] = planes[plane + p];
                }
            }
        }
        Arrays.fill(heap, count * channels * pixels, length, 0);
        FloatArrays.write(heap, 0, map.buffer(), 0, length);
    }

    private void read(FeatureMap map, float[] planes, int count) {
        int channels = map.shape().channels();
        int pixels = map.shape().height() * map.shape().width();
        FloatArrays.read(map.buffer(), 0, heap, 0, count * channels * pixels);
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < channels; c++) {
                int plane = (i * channels + c) * pixels;
                int first = i * channels * pixels + c;
                for (int p = 0; p < pixels; p++) {
                    planes[plane + p] = heap[first + p * channels];
                }
            }
        }
    }

    @Override
    public void close() {
        for (Step step : steps) {
            step.stage().close();
            step.sums().forEach(PreparedOp::close);
        }
        buffers.forEach(INDArray::close);
    }
}
