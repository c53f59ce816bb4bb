package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Pass;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * From a network to the commands of one way back, from the gradient by the outputs to those by the
 * input and the parameters. Gradients that several readers hand to one node are added in a fixed
 * order; a leaky ReLU's derivative is taken along by the one that reads it, where there is one.
 * Used once, while a program is built.
 */
final class BackwardLowering {
    private final Lowering forward;
    private final Network network;
    private final Topology topology;
    private final Kernels kernels;
    private final DeviceParameters parameters;
    private final LaneTensors tensors;
    private final Purpose purpose;
    private final long parameterGradient;
    private final BitSet wanted;
    private final List<Program.Command> commands = new ArrayList<>();

    /** Gradients by the input and by the results of nodes, as far as they are known. */
    private final Slots.Slot[] gradients;

    /** Nodes whose gradient already is the one by what their leaky ReLU reads. */
    private final BitSet masked = new BitSet();

    /**
     * @param parameterGradient float32 vector laid out like the parameters, added to; not used
     *     without that purpose
     */
    BackwardLowering(Lowering forward, Purpose purpose, long parameterGradient) {
        this.forward = forward;
        this.network = forward.network();
        this.topology = forward.topology();
        this.kernels = forward.kernels();
        this.parameters = forward.parameters();
        this.tensors = forward.tensors();
        this.purpose = purpose;
        this.parameterGradient = parameterGradient;
        this.wanted = topology.wanted(purpose);
        this.gradients = new Slots.Slot[network.nodes().size() + 1];
        tensors.resetScratch();
        lower();
    }

    List<Program.Command> commands() {
        return commands;
    }

    /** The gradient by the input's values; 0 if the output does not depend on it. */
    long inputGradient() {
        return gradients[0] == null ? 0 : gradients[0].address;
    }

    private void lower() {
        int last = network.nodes().size() - 1;
        if (!wanted.get(last)) {
            return;
        }
        if (topology.isDot(last)) {
            dot(last);
        } else {
            TensorShape shape = tensors.shape(last);
            Slots.Slot gradient = tensors.scratch(shape);
            commands.add(s -> kernels.pack(s, tensors.outputGradient(), gradient.address, shape));
            gradients[last + 1] = gradient;
        }
        for (int i = last; i >= 0; i--) {
            Slots.Slot gradient = gradients[i + 1];
            if (gradient != null) {
                gradients[i + 1] = null;
                backward(i, gradient);
                gradient.release();
            }
        }
    }

    private boolean wanted(int node) {
        return node == Network.IMAGE ? purpose.input() : wanted.get(node);
    }

    /** Hands a gradient to a node; takes over the caller's use of it. */
    private void give(int node, Slots.Slot gradient) {
        Slots.Slot before = gradients[node + 1];
        if (before == null) {
            gradients[node + 1] = gradient;
            return;
        }
        TensorShape shape = tensors.shape(node);
        Slots.Slot sum = tensors.scratch(shape);
        commands.add(s -> kernels.add(s, before.address, gradient.address, sum.address, shape));
        before.release();
        gradient.release();
        gradients[node + 1] = sum;
    }

    private void backward(int node, Slots.Slot dy) {
        Layer layer = topology.layer(node);
        int from = topology.input(node);
        if (layer instanceof Layer.Conv2d || layer instanceof Layer.Dense) {
            convolution(node, from, dy);
        } else if (layer instanceof Layer.BatchNorm) {
            normalization(node, from, dy);
        } else if (layer instanceof Layer.Add) {
            for (int input : network.nodes().get(node).inputs()) {
                if (wanted(input)) {
                    give(input, dy.share());
                }
            }
        } else if (layer instanceof Layer.LeakyRelu && masked.get(node)) {
            give(from, dy.share());
        } else if (wanted(from)) {
            Slots.Slot dx = tensors.scratch(tensors.shape(from));
            commands.add(elementwise(node, layer, dy.address, dx.address));
            give(from, dx);
        }
    }

    private Program.Command elementwise(int node, Layer layer, long dy, long dx) {
        TensorShape in = tensors.shape(topology.input(node));
        TensorShape out = tensors.shape(node);
        long y = tensors.result(node);
        if (layer instanceof Layer.LeakyRelu leaky) {
            float slope = (float) leaky.slope();
            return s -> kernels.leakyBack(s, y, dy, dx, slope, out);
        } else if (layer instanceof Layer.Tanh) {
            return s -> kernels.tanhBack(s, y, dy, dx, out);
        } else if (layer instanceof Layer.AveragePool2d pool) {
            return s -> kernels.poolBack(s, dy, dx, out, pool.window());
        } else if (layer instanceof Layer.UpsampleBilinear) {
            return s -> kernels.upsampleBack(s, dy, dx, in);
        } else if (layer instanceof Layer.Reshape) {
            return s -> kernels.reshape(s, dy, out, dx, in);
        }
        throw new UnsupportedOperationException(
                "expected a layer that executor cuda knows, found " + layer);
    }

    /** The last layer of an energy. */
    private void dot(int node) {
        int from = topology.input(node);
        TensorShape in = tensors.shape(from);
        long dy = tensors.outputGradient();
        DeviceParameters.Weights w = parameters.weights(node);
        if (purpose.parameters()) {
            long x = tensors.result(from);
            long weights = gradientAt(w.weightOffset());
            commands.add(s -> kernels.dotWeights(s, x, dy, weights, in));
            if (w.biasOffset() >= 0) {
                long bias = gradientAt(w.biasOffset());
                commands.add(s -> kernels.addTotal(s, dy, bias, tensors.images()));
            }
        }
        if (wanted(from)) {
            Slots.Slot dx = tensors.scratch(in);
            boolean mask = mask(from);
            long activation = mask ? tensors.result(from) : 0;
            float slope = mask ? topology.slope(from) : 1;
            long weights = parameters.weights(node).weight();
            commands.add(s -> kernels.dotBack(s, weights, dy, activation, dx.address, slope, in));
            give(from, dx);
        }
    }

    /** Whether the gradient by a node is made with its derivative; marks it so. */
    private boolean mask(int node) {
        boolean mask = topology.isMasked(node);
        if (mask) {
            masked.set(node);
        }
        return mask;
    }

    private void convolution(int node, int from, Slots.Slot dy) {
        if (purpose.parameters()) {
            weightGradient(node, from, dy);
        }
        if (!wanted(from)) {
            return;
        }
        TensorShape in = tensors.shape(from);
        Slots.Slot dx = tensors.scratch(in);
        long weights = parameters.weights(node).weight();
        ConvolutionSpec spec = forward.spec(Pass.INPUT_GRADIENT, node);
        if (!mask(from)) {
            commands.add(forward.convolution(spec, dx.address, weights, dy.address, 0));
        } else {
            float slope = topology.slope(from);
            long activation = tensors.result(from);
            ConvolutionSpec fused = spec.with(Epilogue.MASK, slope);
            if (forward.fuses(fused)) {
                commands.add(
                        forward.convolution(fused, dx.address, weights, dy.address, activation));
            } else {
                commands.add(forward.convolution(spec, dx.address, weights, dy.address, 0));
                commands.add(
                        s -> kernels.leakyBack(s, activation, dx.address, dx.address, slope, in));
            }
        }
        give(from, dx);
    }

    private void weightGradient(int node, int from, Slots.Slot dy) {
        DeviceParameters.Weights w = parameters.weights(node);
        WeightShape shape = w.shape();
        long scratch = tensors.weightScratch(shape.values() * Float.BYTES);
        ConvolutionSpec spec = forward.spec(Pass.WEIGHT_GRADIENT, node);
        commands.add(forward.convolution(spec, tensors.result(from), scratch, dy.address, 0));
        long weights = gradientAt(w.weightOffset());
        commands.add(s -> kernels.addWeights(s, scratch, weights, shape));
        if (w.biasOffset() >= 0) {
            long bias = gradientAt(w.biasOffset());
            TensorShape out = tensors.shape(node);
            long parts = tensors.sumScratch(out);
            long sums = parts + Kernels.partValues(out) * Double.BYTES;
            commands.add(s -> kernels.sumChannels(s, dy.address, parts, sums, out, 1));
            commands.add(s -> kernels.addSums(s, sums, bias, shape.outs()));
        }
    }

    private void normalization(int node, int from, Slots.Slot dy) {
        TensorShape shape = tensors.shape(node);
        boolean training = forward.mode() == Mode.TRAINING;
        long x = tensors.result(from);
        long mean = forward.mean(node);
        long inverse = forward.inverse(node);
        long parts = tensors.sumScratch(shape);
        long sumDy = parts + Kernels.partValues(shape) * Double.BYTES;
        long sumProducts = sumDy + (long) shape.padded() * Double.BYTES;
        if (training || purpose.parameters()) {
            commands.add(s -> kernels.sumChannels(s, dy.address, parts, sumDy, shape, 1));
            commands.add(
                    s ->
                            kernels.sumProducts(
                                    s, x, dy.address, mean, inverse, parts, sumProducts, shape));
        }
        if (purpose.parameters()) {
            long scale = gradientAt(parameters.norm(node).scaleOffset());
            long shift = gradientAt(parameters.norm(node).shiftOffset());
            commands.add(s -> kernels.addSums(s, sumProducts, scale, shape.channels()));
            commands.add(s -> kernels.addSums(s, sumDy, shift, shape.channels()));
        }
        if (wanted(from)) {
            Slots.Slot dx = tensors.scratch(shape);
            long scale = parameters.norm(node).scale();
            int rows = training ? shape.rows() : 0;
            commands.add(
                    s ->
                            kernels.normalizeBack(
                                    s,
                                    x,
                                    dy.address,
                                    mean,
                                    inverse,
                                    scale,
                                    sumDy,
                                    sumProducts,
                                    dx.address,
                                    shape,
                                    rows));
            give(from, dx);
        }
    }

    private long gradientAt(int offset) {
        return parameterGradient + (long) offset * Float.BYTES;
    }
}
