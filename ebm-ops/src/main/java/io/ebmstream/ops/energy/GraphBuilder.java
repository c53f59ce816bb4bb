package io.ebmstream.ops.energy;

import java.util.ArrayList;
import java.util.List;

/**
 * Nodes of a {@link Network} in the making. Every method adds one and returns its index. Not
 * thread-safe.
 */
final class GraphBuilder {
    private final ImageShape input;
    private final List<Network.Node> nodes = new ArrayList<>();
    private final List<ImageShape> shapes = new ArrayList<>();

    GraphBuilder(ImageShape input) {
        this.input = input;
    }

    int add(String name, Layer layer, int... from) {
        List<Integer> inputs = new ArrayList<>();
        List<ImageShape> read = new ArrayList<>();
        for (int index : from) {
            inputs.add(index);
            read.add(shape(index));
        }
        shapes.add(layer.output(read));
        nodes.add(new Network.Node(name, layer, inputs));
        return nodes.size() - 1;
    }

    /** A convolution that knows its input's channels. */
    int conv(String name, int from, int out, int kernel, int stride, int padding, boolean bias) {
        int in = shape(from).channels();
        return add(name, new Layer.Conv2d(in, out, kernel, stride, padding, bias), from);
    }

    /** A 3x3 convolution with bias that keeps the image's size. */
    int conv3(String name, int from, int out) {
        return conv(name, from, out, 3, 1, 1, true);
    }

    /** A 1x1 convolution with bias. */
    int conv1(String name, int from, int out) {
        return conv(name, from, out, 1, 1, 0, true);
    }

    int leakyRelu(String name, int from, double slope) {
        return add(name, new Layer.LeakyRelu(slope), from);
    }

    int relu(String name, int from) {
        return leakyRelu(name, from, 0);
    }

    /** Batch normalisation, then ReLU: the way in of a residual block. */
    int normRelu(String name, int from) {
        int norm = add(name + ".norm", Layer.BatchNorm.of(shape(from).channels()), from);
        return relu(name + ".relu", norm);
    }

    int pool(String name, int from, int window) {
        return add(name, new Layer.AveragePool2d(window), from);
    }

    int upsample(String name, int from) {
        return add(name, new Layer.UpsampleBilinear(), from);
    }

    int sum(String name, int a, int b) {
        return add(name, new Layer.Add(), a, b);
    }

    /** The global average pool of a square map, then a dense layer. */
    int pooledHead(String name, int from, int out, boolean bias) {
        int pooled = pool(name + ".pool", from, shape(from).height());
        return add(name + ".dense", new Layer.Dense(shape(pooled).channels(), out, bias), pooled);
    }

    /** Shape of a node's result, or of the input. */
    ImageShape shape(int index) {
        return index == Network.IMAGE ? input : shapes.get(index);
    }

    Network build(String name) {
        return new Network(name, input, nodes);
    }
}
