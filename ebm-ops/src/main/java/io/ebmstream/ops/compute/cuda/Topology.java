package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.BitSet;

/**
 * What the lowering asks of a network's graph: which nodes matter, who reads whom, and which
 * activations are part of the convolution before them. A value.
 */
final class Topology {
    private final Network network;
    private final BitSet used = new BitSet();

    /** Readers among the used nodes of the input and of every node, from index 0 for the input. */
    private final int[] readers;

    private final int[] lastReader;

    Topology(Network network) {
        this.network = network;
        int nodes = network.nodes().size();
        readers = new int[nodes + 1];
        lastReader = new int[nodes + 1];
        used.set(nodes - 1);
        for (int i = nodes - 1; i >= 0; i--) {
            if (used.get(i)) {
                for (int from : network.nodes().get(i).inputs()) {
                    readers[from + 1]++;
                    lastReader[from + 1] = Math.max(lastReader[from + 1], i);
                    if (from != Network.IMAGE) {
                        used.set(from);
                    }
                }
            }
        }
    }

    /** Whether the output depends on the node. */
    boolean isUsed(int node) {
        return used.get(node);
    }

    /** Whether exactly one used node reads this one, once. */
    boolean hasOneReader(int node) {
        return readers[node + 1] == 1;
    }

    /** Whether the node is the network's last and gives single numbers: no convolution then. */
    boolean isDot(int node) {
        WeightShape weights = WeightShape.of(network, node);
        return weights != null
                && node == network.nodes().size() - 1
                && weights.isDot(network.inputShapes(node).get(0));
    }

    Layer layer(int node) {
        return network.nodes().get(node).layer();
    }

    /** The first node that a node reads. */
    int input(int node) {
        return network.nodes().get(node).inputs().get(0);
    }

    /**
     * The activation that a convolution computes along with itself.
     *
     * @return index of a leaky ReLU that alone reads the node, or -1
     */
    int activationOf(int node) {
        if (!hasOneReader(node) || WeightShape.of(network, node) == null) {
            return -1;
        }
        int reader = lastReader[node + 1];
        return layer(reader) instanceof Layer.LeakyRelu ? reader : -1;
    }

    /** Whether a node is computed along with the convolution before it. */
    boolean isFused(int node) {
        int from = input(node);
        return layer(node) instanceof Layer.LeakyRelu
                && from != Network.IMAGE
                && activationOf(from) == node;
    }

    /**
     * Whether the gradient by a node's result may be multiplied by the node's own derivative where
     * it is made: the node is a leaky ReLU with one reader.
     */
    boolean isMasked(int node) {
        return node != Network.IMAGE
                && layer(node) instanceof Layer.LeakyRelu
                && hasOneReader(node);
    }

    /** Slope of a leaky ReLU. */
    float slope(int node) {
        return (float) ((Layer.LeakyRelu) layer(node)).slope();
    }

    /** Nodes by which a gradient is needed, so that it reaches the input or parameters. */
    BitSet wanted(Purpose purpose) {
        BitSet wanted = new BitSet();
        for (int i = 0; i < network.nodes().size(); i++) {
            boolean own =
                    purpose.parameters()
                            && layer(i).tensors().stream().anyMatch(t -> t.kind().trainable());
            boolean before = false;
            for (int from : network.nodes().get(i).inputs()) {
                before |= from == Network.IMAGE ? purpose.input() : wanted.get(from);
            }
            wanted.set(i, own || before);
        }
        return wanted;
    }
}
