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
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.DoublePointer;
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
    private final Map<Integer, Weights> weights = new TreeMap<>();
    private final Map<Integer, Norm> norms = new TreeMap<>();

    /**
     * Weights of a convolution, a dense layer or a dot product.
     *
     * @param shape their shape
     * @param dot whether they are those of the dot product at the end: float32, [h, w, c]
     * @param weight address, [o, p, q, c]
     * @param bias address of the float32 bias, of zeros where there is none
     * @param weightOffset where the weights begin in the parameter vector
     * @param biasOffset where the bias begins in the parameter vector; -1 without one
     */
    record Weights(
            WeightShape shape,
            boolean dot,
            long weight,
            long bias,
            int weightOffset,
            int biasOffset) {}

    /**
     * A batch normalisation.
     *
     * @param layer the layer
     * @param scale address of the float32 scale
     * @param shift address of the float32 shift
     * @param mean address of the running means, doubles
     * @param inverse address of 1 / sqrt(running variance + epsilon), doubles, right behind them
     * @param scaleOffset where the scale begins in the parameter vector
     * @param shiftOffset where the shift begins
     * @param meanOffset where the running means begin
     * @param varianceOffset where the running variances begin
     * @param statistics for their upload
     */
    record Norm(
            Layer.BatchNorm layer,
            long scale,
            long shift,
            long mean,
            long inverse,
            int scaleOffset,
            int shiftOffset,
            int meanOffset,
            int varianceOffset,
            HostMemory statistics) {}

    DeviceParameters(
            Network network, Topology topology, Precision precision, Gpu gpu, Kernels kernels) {
        this.network = network;
        this.kernels = kernels;
        this.memory = new OwnedMemory(gpu);
        try {
            long bytes = Math.max(1, network.parameterCount()) * (long) Float.BYTES;
            flat = memory.allocate(bytes);
            staging = memory.host(bytes);
            for (int i = 0; i < network.nodes().size(); i++) {
                WeightShape shape = WeightShape.of(network, i);
                if (shape != null) {
                    weights.put(i, weights(i, shape, topology.isDot(i), precision));
                } else if (network.nodes().get(i).layer() instanceof Layer.BatchNorm norm) {
                    norms.put(i, norm(i, norm));
                }
            }
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private Weights weights(int index, WeightShape shape, boolean dot, Precision precision) {
        long bytes = shape.values() * (dot ? Float.BYTES : precision.bytes());
        return new Weights(
                shape,
                dot,
                memory.allocate(bytes),
                memory.allocate((long) shape.paddedOuts() * Float.BYTES),
                network.offset(index, ParameterKind.WEIGHT),
                shape.bias() ? network.offset(index, ParameterKind.BIAS) : -1);
    }

    private Norm norm(int index, Layer.BatchNorm layer) {
        long padded = TensorShape.padded(layer.channels());
        long statistics = memory.allocate(2 * padded * Double.BYTES);
        return new Norm(
                layer,
                memory.allocate(padded * Float.BYTES),
                memory.allocate(padded * Float.BYTES),
                statistics,
                statistics + padded * Double.BYTES,
                network.offset(index, ParameterKind.SCALE),
                network.offset(index, ParameterKind.SHIFT),
                network.offset(index, ParameterKind.RUNNING_MEAN),
                network.offset(index, ParameterKind.RUNNING_VARIANCE),
                memory.host(2 * padded * Double.BYTES));
    }

    /** Takes a parameter vector over; waits until the device has it. */
    void load(INDArray vector, GpuStream stream) {
        HostCopies.read(vector, 0, staging, network.parameterCount());
        stream.upload(staging, flat, (long) network.parameterCount() * Float.BYTES);
        weights.forEach((index, node) -> load(node, network.inputShapes(index).get(0), stream));
        norms.values().forEach(node -> load(node, vector, stream));
        stream.synchronize();
    }

    private void load(Weights node, ImageShape input, GpuStream stream) {
        long from = address(node.weightOffset());
        if (node.dot()) {
            kernels.packDot(stream, from, node.weight(), new TensorShape(1, input));
        } else {
            kernels.packWeights(stream, from, node.weight(), node.shape());
        }
        if (node.biasOffset() >= 0) {
            kernels.packVector(
                    stream,
                    address(node.biasOffset()),
                    node.bias(),
                    node.shape().outs(),
                    node.shape().paddedOuts());
        }
    }

    private void load(Norm node, INDArray vector, GpuStream stream) {
        int channels = node.layer().channels();
        int padded = TensorShape.padded(channels);
        kernels.packVector(stream, address(node.scaleOffset()), node.scale(), channels, padded);
        kernels.packVector(stream, address(node.shiftOffset()), node.shift(), channels, padded);
        float[] running = new float[channels];
        double[] statistics = new double[2 * padded];
        FloatArrays.read(vector, node.meanOffset(), running, 0, channels);
        for (int c = 0; c < channels; c++) {
            statistics[c] = running[c];
        }
        FloatArrays.read(vector, node.varianceOffset(), running, 0, channels);
        for (int c = 0; c < channels; c++) {
            statistics[padded + c] = 1 / Math.sqrt(running[c] + node.layer().epsilon());
        }
        new DoublePointer(node.statistics().pointer()).put(statistics, 0, statistics.length);
        stream.upload(node.statistics(), node.mean(), (long) statistics.length * Double.BYTES);
    }

    private long address(int offset) {
        return flat + (long) offset * Float.BYTES;
    }

    /** What a node that is a convolution or a dense layer has. */
    Weights weights(int node) {
        return weights.get(node);
    }

    /** What a node that is a batch normalisation has. */
    Norm norm(int node) {
        return norms.get(node);
    }

    @Override
    public void close() {
        memory.close();
    }
}
