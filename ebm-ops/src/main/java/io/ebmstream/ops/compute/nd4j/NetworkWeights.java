package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.BatchStatistics;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All weights of a network, as a flat vector and as its layers want them, and their gradient. Owns
 * its arrays. Not thread-safe.
 */
final class NetworkWeights implements AutoCloseable {
    private final Network network;
    private final INDArray parameters;
    private final BatchStatistics statistics;
    private final Map<Integer, LayerWeights> layers = new HashMap<>();
    private INDArray gradient;

    /** Weights are zero until set. */
    NetworkWeights(Network network, Mode mode) {
        this.network = network;
        parameters = FeatureMap.zeros(Math.max(1, network.parameterCount()));
        statistics = new BatchStatistics(network);
        Map<String, Integer> offsets = new HashMap<>();
        network.parameters().forEach(p -> offsets.put(p.name(), p.offset()));
        for (int i : Plan.path(network)) {
            Network.Node node = network.nodes().get(i);
            int weight = offsets.getOrDefault(node.name() + ".weight", -1);
            int bias = offsets.getOrDefault(node.name() + ".bias", -1);
            if (node.layer() instanceof Layer.Conv2d conv) {
                layers.put(i, new ConvolutionWeights(Kernel.of(conv, weight, bias), parameters));
            } else if (node.layer() instanceof Layer.Dense dense) {
                Kernel kernel = Kernel.of(dense, network.inputShapes(i).get(0), weight, bias);
                layers.put(i, new ConvolutionWeights(kernel, parameters));
            } else if (node.layer() instanceof Layer.BatchNorm norm) {
                layers.put(
                        i,
                        new NormWeights(
                                norm,
                                mode,
                                parameters,
                                offsets.get(node.name() + ".scale"),
                                statistics.mean(i),
                                statistics.variance(i)));
            }
        }
        layers.values().forEach(LayerWeights::load);
    }

    /** By node; absent for nodes without weights. */
    Map<Integer, LayerWeights> layers() {
        return layers;
    }

    /** What batch normalisations found in the last training call. */
    BatchStatistics statistics() {
        return statistics;
    }

    /** Copies a parameter vector. */
    void set(INDArray vector) {
        if (network.parameterCount() > 0) {
            parameters.assign(vector.reshape(vector.length()));
            layers.values().forEach(LayerWeights::load);
        }
    }

    /** Sets the sum of gradients to zero. */
    void clearGradient() {
        layers.values().forEach(LayerWeights::clearGradient);
    }

    /** Adds the sum of gradients, times a factor, to a vector laid out like the parameters. */
    void addGradient(float factor, INDArray accumulator) {
        if (network.parameterCount() > 0) {
            if (gradient == null) {
                gradient = FeatureMap.zeros(network.parameterCount());
            }
            layers.values().forEach(layer -> layer.storeGradient(gradient));
            gradient.muli(factor);
            accumulator.addi(gradient.reshape(accumulator.shape()));
        }
    }

    @Override
    public void close() {
        layers.values().forEach(LayerWeights::close);
        parameters.close();
        if (gradient != null) {
            gradient.close();
        }
    }
}
