package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.ParameterKind;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network's parameters on the device, in the layouts that its operations read: set once for each
 * version, read by all lanes. The parameter vector itself stays there too, in float32. Not
 * thread-safe.
 */
final class DeviceParameters implements AutoCloseable {
    private final Network network;
    private final OwnedMemory memory;
    private final Kernels kernels;
    private final long flat;
    private final HostMemory staging;
    private final List<Node> nodes = new ArrayList<>();

    /** Addresses of what one node reads; 0 for what it has not. */
    private static final class Node {
        WeightShape weights;
        boolean dot;
        long weight;
        long bias;
        int weightOffset;
        int biasOffset = -1;
        Layer.BatchNorm norm;
        long scale;
        long shift;
        long mean;
        long inverse;
        int scaleOffset;
        int shiftOffset;
        int meanOffset;
        int varianceOffset;
        HostMemory statistics;
    }

    DeviceParameters(Network network, Precision precision, Gpu gpu, Kernels kernels) {
        this.network = network;
        this.kernels = kernels;
        this.memory = new OwnedMemory(gpu);
        try {
            long bytes = Math.max(1, network.parameterCount()) * (long) Float.BYTES;
            flat = memory.allocate(bytes);
            staging = memory.host(bytes);
            for (int i = 0; i < network.nodes().size(); i++) {
                nodes.add(node(i, precision));
            }
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private Node node(int index, Precision precision) {
        Node node = new Node();
        Layer layer = network.nodes().get(index).layer();
        if (layer instanceof Layer.BatchNorm norm) {
            int padded = TensorShape.padded(norm.channels());
            node.norm = norm;
            node.scaleOffset = offset(index, ParameterKind.SCALE);
            node.shiftOffset = offset(index, ParameterKind.SHIFT);
            node.meanOffset = offset(index, ParameterKind.RUNNING_MEAN);
            node.varianceOffset = offset(index, ParameterKind.RUNNING_VARIANCE);
            node.scale = memory.allocate((long) padded * Float.BYTES);
            node.shift = memory.allocate((long) padded * Float.BYTES);
            node.mean = memory.allocate(2L * padded * Double.BYTES);
            node.inverse = node.mean + (long) padded * Double.BYTES;
            node.statistics = memory.host(2L * padded * Double.BYTES);
            return node;
        }
        node.weights = weights(network, index);
        if (node.weights == null) {
            return node;
        }
        node.dot = isDot(network, index);
        node.weightOffset = offset(index, ParameterKind.WEIGHT);
        node.weight =
                memory.allocate(
                        node.weights.values() * (node.dot ? Float.BYTES : precision.bytes()));
        if (node.weights.bias()) {
            node.biasOffset = offset(index, ParameterKind.BIAS);
        }
        node.bias = memory.allocate((long) node.weights.paddedOuts() * Float.BYTES);
        return node;
    }

    /** The weights of a node that is a convolution or a dense layer; null for others. */
    static WeightShape weights(Network network, int index) {
        Layer layer = network.nodes().get(index).layer();
        if (layer instanceof Layer.Conv2d conv) {
            return WeightShape.of(conv);
        }
        return layer instanceof Layer.Dense dense
                ? WeightShape.of(dense, network.inputShapes(index).get(0))
                : null;
    }

    /** Whether the node is the network's last and gives single numbers: no convolution then. */
    static boolean isDot(Network network, int index) {
        WeightShape weights = weights(network, index);
        return weights != null
                && index == network.nodes().size() - 1
                && weights.isDot(network.inputShapes(index).get(0));
    }

    private int offset(int index, ParameterKind kind) {
        String name = network.nodes().get(index).name() + "." + kind.label();
        for (Network.Parameter parameter : network.parameters()) {
            if (parameter.name().equals(name)) {
                return parameter.offset();
            }
        }
        throw new IllegalStateException("expected a parameter " + name + " in " + network);
    }

    /** Takes a parameter vector over; waits until the device has it. */
    void load(INDArray vector, GpuStream stream) {
        HostCopies.read(vector, 0, staging, network.parameterCount());
        stream.upload(staging, flat, (long) network.parameterCount() * Float.BYTES);
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (node.norm != null) {
                loadNorm(node, vector, stream);
            } else if (node.weights != null) {
                loadWeights(node, i, stream);
            }
        }
        stream.synchronize();
    }

    private void loadWeights(Node node, int index, GpuStream stream) {
        long from = address(node.weightOffset);
        if (node.dot) {
            ImageShape input = network.inputShapes(index).get(0);
            kernels.packDot(stream, from, node.weight, new TensorShape(1, input));
        } else {
            kernels.packWeights(stream, from, node.weight, node.weights);
        }
        if (node.biasOffset >= 0) {
            kernels.packVector(
                    stream,
                    address(node.biasOffset),
                    node.bias,
                    node.weights.outs(),
                    node.weights.paddedOuts());
        }
    }

    private void loadNorm(Node node, INDArray vector, GpuStream stream) {
        int channels = node.norm.channels();
        int padded = TensorShape.padded(channels);
        kernels.packVector(stream, address(node.scaleOffset), node.scale, channels, padded);
        kernels.packVector(stream, address(node.shiftOffset), node.shift, channels, padded);
        float[] running = new float[channels];
        double[] statistics = new double[2 * padded];
        FloatArrays.read(vector, node.meanOffset, running, 0, channels);
        for (int c = 0; c < channels; c++) {
            statistics[c] = running[c];
        }
        FloatArrays.read(vector, node.varianceOffset, running, 0, channels);
        for (int c = 0; c < channels; c++) {
            statistics[padded + c] = 1 / Math.sqrt(running[c] + node.norm.epsilon());
        }
        Pointer pinned = node.statistics.pointer();
        new DoublePointer(pinned).put(statistics, 0, statistics.length);
        stream.upload(node.statistics, node.mean, (long) statistics.length * Double.BYTES);
    }

    private long address(int offset) {
        return flat + (long) offset * Float.BYTES;
    }

    /** Weights [o, p, q, c] of a node's convolution, or float32 [h, w, c] of its dot product. */
    long weight(int node) {
        return nodes.get(node).weight;
    }

    /** Where the node's weights begin in the parameter vector. */
    int weightOffset(int node) {
        return nodes.get(node).weightOffset;
    }

    /** Float32 bias of a node, zeros where it has none. */
    long bias(int node) {
        return nodes.get(node).bias;
    }

    /** Where the node's bias begins in the parameter vector; -1 without one. */
    int biasOffset(int node) {
        return nodes.get(node).biasOffset;
    }

    long scale(int node) {
        return nodes.get(node).scale;
    }

    int scaleOffset(int node) {
        return nodes.get(node).scaleOffset;
    }

    long shift(int node) {
        return nodes.get(node).shift;
    }

    int shiftOffset(int node) {
        return nodes.get(node).shiftOffset;
    }

    /** Running means, doubles. */
    long mean(int node) {
        return nodes.get(node).mean;
    }

    /** 1 / sqrt(running variance + epsilon), doubles. */
    long inverse(int node) {
        return nodes.get(node).inverse;
    }

    /** Bytes on the device. */
    long bytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        memory.close();
    }
}
