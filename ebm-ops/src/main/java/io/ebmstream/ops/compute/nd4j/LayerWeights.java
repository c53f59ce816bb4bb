package io.ebmstream.ops.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights of one layer in the layout that its stages read, shared by all plans of a compiled
 * network, and the sum of their gradients. Owns its arrays.
 */
interface LayerWeights extends AutoCloseable {

    /** A stage that runs the layer on a group of images. */
    Stage stage(FeatureMap x, FeatureMap y, FeatureMap gy, FeatureMap gx);

    /** Takes the weights out of the flat parameter vector. */
    void load();

    /** Sets the sum of gradients to zero. */
    void clearGradient();

    /** Writes the sum of gradients to its place in a vector laid out like the parameters. */
    void storeGradient(INDArray flat);

    @Override
    void close();
}
