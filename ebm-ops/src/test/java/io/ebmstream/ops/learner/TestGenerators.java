package io.ebmstream.ops.learner;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.List;

/** A generator with batch normalisation, small enough for tests. */
final class TestGenerators {
    static final int LATENT = 3;

    private TestGenerators() {}

    static Network network(ImageShape image) {
        return new Network(
                "small-generator",
                new ImageShape(LATENT, 1, 1),
                List.of(
                        new Network.Node(
                                "dense", new Layer.Dense(LATENT, image.size(), true), List.of(-1)),
                        new Network.Node("map", new Layer.Reshape(image), List.of(0)),
                        new Network.Node("norm", Layer.BatchNorm.of(image.channels()), List.of(1)),
                        new Network.Node("tanh", new Layer.Tanh(), List.of(2))));
    }

    /** Random weights for every network of a configuration, the fixed ones too. */
    static LearnerWeights weights(LearnerConfig config) {
        LearnerWeights weights = LearnerWeights.random(config);
        if (config.generator() != null) {
            weights = weights.withGenerator(Initializer.weights(config.generator().network(), 31));
        }
        if (config.prior() != null) {
            weights = weights.withPrior(Initializer.weights(config.prior().network(), 32));
        }
        return weights;
    }
}
