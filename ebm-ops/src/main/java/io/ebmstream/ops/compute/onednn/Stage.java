package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One link of the chain from the image to the energy: a convolution, an activation, or a
 * convolution with the activation that follows it.
 *
 * @param name node of the convolution, or of the activation
 * @param conv the convolution, or null
 * @param slope slope of the activation for negative inputs, or NaN for no activation
 * @param input shape read
 * @param output shape written
 * @param weights offset of the convolution's weights in the parameter vector
 * @param bias offset of its bias
 */
record Stage(
        String name,
        Layer.Conv2d conv,
        double slope,
        ImageShape input,
        ImageShape output,
        int weights,
        int bias) {

    boolean activates() {
        return !Double.isNaN(slope);
    }

    /**
     * The stages that the energy depends on, in forward order. The last one is the head: a
     * convolution to 1x1x1 without activation.
     *
     * @throws UnsupportedOperationException if the network ends in anything else
     */
    static List<Stage> of(Network network) {
        Map<String, Integer> offsets = new HashMap<>();
        network.parameters().forEach(p -> offsets.put(p.name(), p.offset()));
        Deque<Integer> path = new ArrayDeque<>();
        int last = network.nodes().size() - 1;
        for (int i = last; i != Network.IMAGE; i = network.nodes().get(i).inputs().get(0)) {
            path.addFirst(i);
        }
        List<Stage> stages = new ArrayList<>();
        for (int i : path) {
            Network.Node node = network.nodes().get(i);
            ImageShape input = network.inputShapes(i).get(0);
            ImageShape output = network.shapes().get(i);
            if (node.layer() instanceof Layer.Conv2d conv) {
                stages.add(
                        new Stage(
                                node.name(),
                                conv,
                                Double.NaN,
                                input,
                                output,
                                offsets.get(node.name() + ".weight"),
                                offsets.get(node.name() + ".bias")));
            } else if (node.layer() instanceof Layer.LeakyRelu activation) {
                Stage before = stages.isEmpty() ? null : stages.get(stages.size() - 1);
                if (before != null && before.conv() != null && !before.activates()) {
                    stages.set(stages.size() - 1, before.with(activation.slope()));
                } else {
                    stages.add(
                            new Stage(node.name(), null, activation.slope(), input, output, 0, 0));
                }
            } else {
                throw new UnsupportedOperationException(
                        "expected convolutions and leaky ReLUs for executor onednn, found "
                                + node
                                + "; use executor reference");
            }
        }
        Stage head = stages.get(stages.size() - 1);
        if (head.conv() == null || head.activates()) {
            throw new UnsupportedOperationException(
                    "expected a network that ends in a convolution for executor onednn, found "
                            + network.nodes().get(last)
                            + "; use executor reference");
        }
        return stages;
    }

    private Stage with(double activationSlope) {
        return new Stage(name, conv, activationSlope, input, output, weights, bias);
    }
}
