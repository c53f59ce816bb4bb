package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.BatchStatistics;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network's nodes as {@link Operation}s with the values and gradients of a block of images, all
 * double. A result that several nodes read gets the sum of their gradients. Not thread-safe.
 */
final class Graph {
    private final Network network;
    private final BatchStatistics statistics;
    private final Operation[] operations;

    /** Results and gradients, [node][image][c, h, w]. */
    private final double[][][] values;

    private final double[][][] gradients;

    /** What each node reads, and where its gradients go: [node][input][image][c, h, w]. */
    private final double[][][][] reads;

    private final double[][][][] returns;

    final double[] parameters;
    final double[][] inputs;
    final double[][] inputGradients;

    /**
     * @param block most images at once
     * @param statistics receives what batch normalisations find in training
     */
    Graph(Network network, int block, Mode mode, BatchStatistics statistics) {
        this.network = network;
        this.statistics = statistics;
        int nodes = network.nodes().size();
        parameters = new double[network.parameterCount()];
        inputs = new double[block][network.input().size()];
        inputGradients = new double[block][network.input().size()];
        operations = new Operation[nodes];
        values = new double[nodes][][];
        gradients = new double[nodes][][];
        reads = new double[nodes][][][];
        returns = new double[nodes][][][];
        Map<String, Integer> offsets = new HashMap<>();
        network.parameters().forEach(p -> offsets.put(p.name(), p.offset()));
        for (int i = 0; i < nodes; i++) {
            operations[i] = operation(i, mode, offsets);
            values[i] = new double[block][network.shapes().get(i).size()];
            gradients[i] = new double[block][network.shapes().get(i).size()];
            List<Integer> from = network.nodes().get(i).inputs();
            reads[i] = new double[from.size()][][];
            returns[i] = new double[from.size()][][];
            for (int k = 0; k < from.size(); k++) {
                boolean image = from.get(k) == Network.IMAGE;
                reads[i][k] = image ? inputs : values[from.get(k)];
                returns[i][k] = image ? inputGradients : gradients[from.get(k)];
            }
        }
    }

    private Operation operation(int i, Mode mode, Map<String, Integer> offsets) {
        Network.Node node = network.nodes().get(i);
        ImageShape in = network.inputShapes(i).get(0);
        int weight = offsets.getOrDefault(node.name() + ".weight", 0);
        int bias = offsets.getOrDefault(node.name() + ".bias", 0);
        Layer layer = node.layer();
        if (layer instanceof Layer.Conv2d conv) {
            return new Convolution(conv, in, weight, bias);
        } else if (layer instanceof Layer.Dense dense) {
            return new FullyConnected(dense, weight, bias);
        } else if (layer instanceof Layer.LeakyRelu leaky) {
            return new LeakyRectifier(leaky);
        } else if (layer instanceof Layer.Tanh) {
            return new HyperbolicTangent();
        } else if (layer instanceof Layer.Add) {
            return new Addition();
        } else if (layer instanceof Layer.AveragePool2d pool) {
            return new AveragePool(pool, in);
        } else if (layer instanceof Layer.UpsampleBilinear) {
            return new BilinearUpsampling(in);
        } else if (layer instanceof Layer.Reshape) {
            return new Reshaping();
        } else if (layer instanceof Layer.BatchNorm norm) {
            return new BatchNormalization(
                    norm,
                    in,
                    mode,
                    offsets.get(node.name() + ".scale"),
                    statistics.mean(i),
                    statistics.variance(i));
        }
        throw new UnsupportedOperationException(
                "expected a layer that executor reference knows, found "
                        + layer
                        + " in node "
                        + node.name());
    }

    /** Most images at once. */
    int block() {
        return inputs.length;
    }

    /** Results of the first n {@link #inputs}: [image][c, h, w] of the output. */
    double[][] forward(int n) {
        for (int i = 0; i < operations.length; i++) {
            operations[i].forward(parameters, reads[i], values[i], n);
        }
        return values[values.length - 1];
    }

    /** Clears the gradients; the output's, for the caller to fill before {@link #backward}. */
    double[][] clearGradients(int n) {
        for (int image = 0; image < n; image++) {
            Arrays.fill(inputGradients[image], 0);
            for (double[][] gradient : gradients) {
                Arrays.fill(gradient[image], 0);
            }
        }
        return gradients[gradients.length - 1];
    }

    /**
     * Carries the output's gradients back to {@link #inputGradients}, for the values of the last
     * {@link #forward}.
     *
     * @param scale factor of the parameter gradient
     * @param sum receives the parameter gradient on top of what it holds; or null
     */
    void backward(int n, double scale, double[] sum) {
        for (int i = operations.length - 1; i >= 0; i--) {
            if (sum != null) {
                operations[i].parameterGradient(reads[i], gradients[i], scale, sum, n);
            }
            operations[i].inputGradient(
                    parameters, reads[i], values[i], gradients[i], returns[i], n);
        }
    }
}
