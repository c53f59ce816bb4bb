package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;

/**
 * The tensors of a batch of one size: the results of all nodes, kept for the way back, what stands
 * at the border, and scratch. Allocated once. Not thread-safe.
 */
final class LaneTensors {
    private final Network network;
    private final int images;
    private final Precision precision;
    private final OwnedMemory memory;
    private final Slots slots;
    private final long[] results;
    private final long[] statistics;
    private final long pixels;
    private final long packed;
    private final long outputs;
    private final long outputGradient;
    private long weightScratch;
    private long weightScratchBytes;
    private long sumScratch;
    private long sumScratchBytes;
    private long workspace;
    private long workspaceBytes;

    LaneTensors(
            Network network,
            Topology topology,
            int images,
            Precision precision,
            Mode mode,
            OwnedMemory memory) {
        this.network = network;
        this.images = images;
        this.precision = precision;
        this.memory = memory;
        this.slots = new Slots(memory);
        int nodes = network.nodes().size();
        results = new long[nodes];
        statistics = new long[nodes];
        TensorShape input = shape(Network.IMAGE);
        pixels = memory.allocate(input.pixels() * Float.BYTES);
        packed = memory.allocate(input.bytes(precision));
        long outputBytes = shape(nodes - 1).pixels() * Float.BYTES;
        outputs = memory.allocate(outputBytes);
        outputGradient = memory.allocate(outputBytes);
        for (int i = 0; i < nodes; i++) {
            boolean apart =
                    topology.isUsed(i) && topology.activationOf(i) < 0 && !topology.isDot(i);
            if (apart) {
                results[i] = memory.allocate(shape(i).bytes(precision));
            }
            if (apart
                    && mode == Mode.TRAINING
                    && network.nodes().get(i).layer() instanceof Layer.BatchNorm) {
                statistics[i] = memory.allocate(3L * shape(i).padded() * Double.BYTES);
            }
        }
    }

    /** Shape of a node's result, or of the input. */
    TensorShape shape(int node) {
        ImageShape map = node == Network.IMAGE ? network.input() : network.shapes().get(node);
        return new TensorShape(images, map);
    }

    /** Images of the batch. */
    int images() {
        return images;
    }

    /** A node's result, or the input. */
    long result(int node) {
        return node == Network.IMAGE ? packed : results[node];
    }

    /** Float32 input [n, c, h, w]. */
    long pixels() {
        return pixels;
    }

    /** Float32 outputs [n, c, h, w]. */
    long outputs() {
        return outputs;
    }

    /** Float32 gradient by the outputs. */
    long outputGradient() {
        return outputGradient;
    }

    /** Means of a batch normalisation in training, doubles. */
    long mean(int node) {
        return statistics[node];
    }

    /** Variances of a batch normalisation in training, doubles; right behind the means. */
    long variance(int node) {
        return statistics[node] + (long) shape(node).padded() * Double.BYTES;
    }

    /** 1 / sqrt(variance + epsilon) of a batch normalisation in training, doubles. */
    long inverse(int node) {
        return statistics[node] + 2L * shape(node).padded() * Double.BYTES;
    }

    /** Scratch for a tensor of this shape. */
    Slots.Slot scratch(TensorShape shape) {
        return slots.acquire(shape.bytes(precision));
    }

    /** Scratch is free again. */
    void resetScratch() {
        slots.reset();
    }

    /** Scratch for a float32 gradient by weights. */
    long weightScratch(long bytes) {
        if (bytes > weightScratchBytes) {
            weightScratch = memory.allocate(bytes);
            weightScratchBytes = bytes;
        }
        return weightScratch;
    }

    /**
     * Scratch for the sums of a tensor's channels: the parts, and behind them two times the sums.
     */
    long sumScratch(TensorShape shape) {
        long bytes = (Kernels.partValues(shape) + 2L * shape.padded()) * Double.BYTES;
        if (bytes > sumScratchBytes) {
            sumScratch = memory.allocate(bytes);
            sumScratchBytes = bytes;
        }
        return sumScratch;
    }

    /** Scratch of convolutions. */
    long workspace(long bytes) {
        if (bytes > workspaceBytes) {
            workspace = memory.allocate(bytes);
            workspaceBytes = bytes;
        }
        return workspace;
    }
}
