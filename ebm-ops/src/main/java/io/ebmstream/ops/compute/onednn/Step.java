package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;

/**
 * One operation of a {@link Graph}: work on one value, perhaps plus another value, perhaps with an
 * activation behind it.
 *
 * @param name node of the network that it stems from
 * @param input index of the step whose result it works on, or {@link
 *     io.ebmstream.ops.energy.Network#IMAGE}
 * @param other index of the step whose result is added to the work's, or {@link #NONE}
 * @param activation what is applied last, or null
 * @param from shape of the input
 * @param to shape of the result
 */
record Step(
        String name,
        Work work,
        int input,
        int other,
        Activation activation,
        ImageShape from,
        ImageShape to) {
    /** No second input. */
    static final int NONE = -2;

    /** What a step does. */
    sealed interface Work {}

    /** A convolution with bias; a dense layer is one, too. */
    record Convolve(Composition weights) implements Work {
        Kernel kernel() {
            return weights.kernel();
        }
    }

    /** Nothing: the step is an addition, an activation, or both. */
    record Pass() implements Work {}

    /** Average pool. */
    record Pool(int window) implements Work {}

    /** Bilinear interpolation to twice the rows and columns. */
    record Upsample() implements Work {}

    /** Batch normalisation that no convolution took in. */
    record Normalise(Normalisation tensors) implements Work {}

    /** Another shape for the same values in (c, h, w) order. */
    record View() implements Work {}

    boolean reads(int step) {
        return input == step || other == step;
    }

    /** Whether anything may still be fused behind the work. */
    boolean isBare() {
        return other == NONE && activation == null;
    }
}
