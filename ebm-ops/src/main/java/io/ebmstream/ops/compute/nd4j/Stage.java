package io.ebmstream.ops.compute.nd4j;

/**
 * One layer of a compiled network on a group of images: prepared operations between fixed buffers.
 */
interface Stage extends AutoCloseable {

    /** The layer's result; valid after {@link #forward()}. */
    FeatureMap value();

    /** The energy's gradient by the result; to be filled before {@link #backward()}. */
    FeatureMap gradient();

    /** Computes the result. */
    void forward();

    /** Computes the gradient by what the layer reads. May overwrite {@link #gradient()}. */
    void backward();

    /** Sets the sum of gradients by the layer's weights to zero. */
    default void clearParameterGradient() {}

    /** Adds this group's gradient by the layer's weights to the sum; before {@link #backward()}. */
    default void sumParameterGradient() {}

    /** Adds the sum to the flat vector. */
    default void addParameterGradient(float[] flat) {}

    /** Takes the layer's weights out of the flat vector. */
    default void setParameters(float[] flat) {}

    @Override
    void close();
}
