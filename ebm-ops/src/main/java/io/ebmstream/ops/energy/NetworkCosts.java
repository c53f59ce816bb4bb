package io.ebmstream.ops.energy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a network costs, counted from its graph for one input. Nominal: an executor may keep less,
 * because it fuses or works in place, or more, because it keeps layouts side by side.
 *
 * @param nodes what each node costs, in the order of the network
 * @param parameters length of the parameter vector
 * @param trainable parameters that an optimizer moves
 * @param forwardFlops floating point operations of a forward pass
 * @param forwardValues most values alive at once in a forward pass, if each result is dropped after
 *     its last reader; input and results
 * @param gradientValues most values alive at once in a forward pass and the way back, if all
 *     results are kept for it and each gradient is dropped once it is handed on
 */
public record NetworkCosts(
        List<NodeCosts> nodes,
        long parameters,
        long trainable,
        long forwardFlops,
        long forwardValues,
        long gradientValues) {

    /**
     * What one node costs.
     *
     * @param name the node's name
     * @param layer what it does, for people
     * @param output shape of its result
     * @param parameters its values in the parameter vector
     * @param forwardFlops two for each multiply-add of convolutions and dense layers
     */
    public record NodeCosts(
            String name, String layer, ImageShape output, long parameters, long forwardFlops) {}

    public NetworkCosts {
        nodes = List.copyOf(nodes);
    }

    /** Counts a network. */
    public static NetworkCosts of(Network network) {
        List<NodeCosts> nodes = new ArrayList<>();
        long trainable = 0;
        for (int i = 0; i < network.nodes().size(); i++) {
            Network.Node node = network.nodes().get(i);
            ImageShape output = network.shapes().get(i);
            long parameters = 0;
            for (Layer.Tensor tensor : node.layer().tensors()) {
                long size =
                        tensor.shape().stream()
                                .mapToLong(Integer::longValue)
                                .reduce(1, (a, b) -> a * b);
                parameters += size;
                trainable += tensor.kind().trainable() ? size : 0;
            }
            nodes.add(
                    new NodeCosts(
                            node.name(),
                            label(node.layer()),
                            output,
                            parameters,
                            2 * node.layer().multiplyAdds(output)));
        }
        return new NetworkCosts(
                nodes,
                network.parameterCount(),
                trainable,
                network.forwardFlops(),
                forwardValues(network),
                gradientValues(network));
    }

    /** A layer in a few characters: {@code conv 3x3 /2}, {@code leaky relu 0.05}. */
    private static String label(Layer layer) {
        if (layer instanceof Layer.Conv2d conv) {
            return "conv "
                    + conv.kernel()
                    + "x"
                    + conv.kernel()
                    + (conv.stride() > 1 ? " /" + conv.stride() : "");
        } else if (layer instanceof Layer.LeakyRelu leaky) {
            return leaky.slope() == 0 ? "relu" : "leaky relu " + leaky.slope();
        } else if (layer instanceof Layer.AveragePool2d pool) {
            return "average pool " + pool.window();
        } else if (layer instanceof Layer.UpsampleBilinear) {
            return "upsample 2";
        } else if (layer instanceof Layer.BatchNorm) {
            return "batch norm";
        }
        return layer.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static long forwardValues(Network network) {
        int[] lastReader = lastReaders(network);
        long alive = network.input().size();
        long most = alive;
        for (int i = 0; i < network.nodes().size(); i++) {
            alive += network.shapes().get(i).size();
            most = Math.max(most, alive);
            for (int from = Network.IMAGE; from <= i; from++) {
                if (lastReader[from + 1] == i) {
                    alive -= size(network, from);
                }
            }
        }
        return most;
    }

    /** For the input and every node the last node that reads it: itself, if none does. */
    private static int[] lastReaders(Network network) {
        int nodes = network.nodes().size();
        int[] last = new int[nodes + 1];
        for (int i = 0; i < nodes; i++) {
            last[i + 1] = i;
            for (int from : network.nodes().get(i).inputs()) {
                last[from + 1] = i;
            }
        }
        last[nodes] = nodes;
        return last;
    }

    /** All results, and on the way back the gradients of what is not yet handed on. */
    private static long gradientValues(Network network) {
        long results = network.input().size();
        for (ImageShape shape : network.shapes()) {
            results += shape.size();
        }
        boolean[] begun = new boolean[network.nodes().size() + 1];
        long alive = network.output().size();
        long most = alive;
        begun[network.nodes().size()] = true;
        for (int i = network.nodes().size() - 1; i >= 0; i--) {
            if (begun[i + 1]) {
                for (int from : network.nodes().get(i).inputs()) {
                    if (!begun[from + 1]) {
                        begun[from + 1] = true;
                        alive += size(network, from);
                    }
                }
                most = Math.max(most, alive);
                alive -= network.shapes().get(i).size();
            }
        }
        return results + most;
    }

    private static long size(Network network, int index) {
        return index == Network.IMAGE ? network.input().size() : network.shapes().get(index).size();
    }
}
