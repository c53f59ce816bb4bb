package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Pass;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * From a network to the commands of its forward pass. A leaky ReLU behind a convolution is part of
 * it, where the device can; the last layer of an energy is a dot product in float32. Used while
 * programs are built.
 */
final class Lowering {
    private final Network network;
    private final Topology topology;
    private final Mode mode;
    private final Precision precision;
    private final Kernels kernels;
    private final DeviceParameters parameters;
    private final Convolutions convolutions;
    private final LaneTensors tensors;

    Lowering(
            Network network,
            Topology topology,
            Mode mode,
            Precision precision,
            Kernels kernels,
            DeviceParameters parameters,
            Convolutions convolutions,
            LaneTensors tensors) {
        this.network = network;
        this.topology = topology;
        this.mode = mode;
        this.precision = precision;
        this.kernels = kernels;
        this.parameters = parameters;
        this.convolutions = convolutions;
        this.tensors = tensors;
    }

    Network network() {
        return network;
    }

    Topology topology() {
        return topology;
    }

    Mode mode() {
        return mode;
    }

    Precision precision() {
        return precision;
    }

    Kernels kernels() {
        return kernels;
    }

    DeviceParameters parameters() {
        return parameters;
    }

    LaneTensors tensors() {
        return tensors;
    }

    /** From the input's values to the float32 outputs. */
    List<Program.Command> forward() {
        List<Program.Command> commands = new ArrayList<>();
        int last = network.nodes().size() - 1;
        for (int i = 0; i <= last; i++) {
            if (topology.isUsed(i) && !topology.isFused(i)) {
                forward(i, commands);
            }
        }
        if (!topology.isDot(last)) {
            long result = tensors.result(last);
            commands.add(s -> kernels.unpack(s, result, tensors.outputs(), tensors.shape(last)));
        }
        return commands;
    }

    private void forward(int node, List<Program.Command> commands) {
        Layer layer = topology.layer(node);
        int from = topology.input(node);
        long x = tensors.result(from);
        long y = tensors.result(node);
        TensorShape in = tensors.shape(from);
        TensorShape out = tensors.shape(node);
        if (topology.isDot(node)) {
            DeviceParameters.Weights w = parameters.weights(node);
            long bias = w.biasOffset() < 0 ? 0 : w.bias();
            commands.add(s -> kernels.dot(s, x, w.weight(), bias, tensors.outputs(), in));
        } else if (layer instanceof Layer.Conv2d || layer instanceof Layer.Dense) {
            convolution(node, commands);
        } else if (layer instanceof Layer.LeakyRelu leaky) {
            float slope = (float) leaky.slope();
            commands.add(s -> kernels.affineLeaky(s, x, 0, y, slope, out));
        } else if (layer instanceof Layer.Tanh) {
            commands.add(s -> kernels.tanh(s, x, y, out));
        } else if (layer instanceof Layer.Add) {
            long second = tensors.result(network.nodes().get(node).inputs().get(1));
            commands.add(s -> kernels.add(s, x, second, y, out));
        } else if (layer instanceof Layer.AveragePool2d pool) {
            commands.add(s -> kernels.pool(s, x, y, out, pool.window()));
        } else if (layer instanceof Layer.UpsampleBilinear) {
            commands.add(s -> kernels.upsample(s, x, y, in));
        } else if (layer instanceof Layer.Reshape) {
            commands.add(s -> kernels.reshape(s, x, in, y, out));
        } else if (layer instanceof Layer.BatchNorm norm) {
            normalization(node, norm, commands);
        } else {
            throw new UnsupportedOperationException(
                    "expected a layer that executor cuda knows, found " + layer);
        }
    }

    private void convolution(int node, List<Program.Command> commands) {
        long x = tensors.result(topology.input(node));
        int activation = topology.activationOf(node);
        float slope = activation < 0 ? 1 : topology.slope(activation);
        int result = activation < 0 ? node : activation;
        long y = tensors.result(result);
        DeviceParameters.Weights w = parameters.weights(node);
        boolean plain = w.biasOffset() < 0 && activation < 0;
        ConvolutionSpec spec = spec(Pass.FORWARD, node);
        ConvolutionSpec fused = spec.with(Epilogue.BIAS, slope);
        if (plain) {
            commands.add(convolution(spec, x, w.weight(), y, 0));
        } else if (convolutions.fuses(fused)) {
            commands.add(convolution(fused, x, w.weight(), y, w.bias()));
        } else {
            commands.add(convolution(spec, x, w.weight(), y, 0));
            TensorShape shape = tensors.shape(result);
            commands.add(s -> kernels.affineLeaky(s, y, w.bias(), y, slope, shape));
        }
    }

    private void normalization(int node, Layer.BatchNorm norm, List<Program.Command> commands) {
        long x = tensors.result(topology.input(node));
        TensorShape shape = tensors.shape(node);
        if (mode == Mode.TRAINING) {
            long parts = tensors.sumScratch(shape);
            long mean = tensors.mean(node);
            long variance = tensors.variance(node);
            commands.add(s -> kernels.sumChannels(s, x, parts, mean, shape, shape.rows()));
            commands.add(s -> kernels.variances(s, x, mean, parts, variance, shape));
            float epsilon = (float) norm.epsilon();
            long inverse = tensors.inverse(node);
            commands.add(
                    s -> kernels.inverseDeviation(s, variance, inverse, epsilon, shape.padded()));
        }
        commands.add(
                s ->
                        kernels.normalize(
                                s,
                                x,
                                mean(node),
                                inverse(node),
                                parameters.norm(node).scale(),
                                parameters.norm(node).shift(),
                                tensors.result(node),
                                shape));
    }

    /** Means by which a batch normalisation works: the batch's, or the running ones. */
    long mean(int node) {
        return mode == Mode.TRAINING ? tensors.mean(node) : parameters.norm(node).mean();
    }

    /** Inverse deviations by which a batch normalisation works. */
    long inverse(int node) {
        return mode == Mode.TRAINING ? tensors.inverse(node) : parameters.norm(node).inverse();
    }

    /** A convolution's pass without epilogue. */
    ConvolutionSpec spec(Pass pass, int node) {
        WeightShape w = parameters.weights(node).shape();
        TensorShape in = tensors.shape(topology.input(node));
        return new ConvolutionSpec(
                pass,
                precision,
                in.images(),
                in.height(),
                in.width(),
                w.paddedIns(),
                w.paddedOuts(),
                w.height(),
                w.width(),
                w.stride(),
                w.padding(),
                Epilogue.NONE,
                1);
    }

    /** Whether the device computes an epilogue along. */
    boolean fuses(ConvolutionSpec spec) {
        return convolutions.fuses(spec);
    }

    /** One convolution with everything that it needs. */
    Program.Command convolution(
            ConvolutionSpec spec, long values, long weights, long results, long extra) {
        GpuConvolution convolution = convolutions.of(spec);
        long bytes = convolution.workspaceBytes();
        long workspace = bytes == 0 ? 0 : tensors.workspace(bytes);
        return s -> s.launch(convolution, values, weights, results, extra, workspace);
    }
}
