package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;

/**
 * How far bf16 results may lie from the reference. The format rounds to 2^-9 = 0.2 % in every
 * weight and activation:
 *
 * <ul>
 *   <li>outputs and energies: errors of that size add up like a random walk over weights and
 *       layers;
 *   <li>input gradients: where rounding turns the sign of an activation near 0 its derivative jumps
 *       from 1 to the slope. About 0.3 % of the units do so in each layer, which makes sqrt(4 x
 *       0.003) = 11 % of the gradient's norm in light32's four;
 *   <li>parameter gradients: the same flips, averaged over images and pixels.
 * </ul>
 *
 * <p>How much that is depends on the family. Found is the worst of these narrow networks over three
 * seeds and both modes, with oneDNN.
 */
public enum Bfloat16Tolerance {
    /** Plain convolutions, four activations: found 1.2, 14 and 6 %. A cosine of 0.98. */
    PLAIN(1.5e-2, 0.2, 0.1),
    /**
     * Eight to eleven activations of slope 0 and two to eight channels, so that one flip counts for
     * much: found 3.5, 19 and 16 %.
     */
    RESIDUAL(5e-2, 0.3, 0.2),
    /**
     * Seven and nine activations, and batch norms that divide by the deviation of two channels at
     * the narrow end: found 3.2, 22 and 31 %.
     */
    GENERATOR(5e-2, 0.3, 0.4),
    /** Four activations: found 0.7, 10 and 6 %. */
    AUTOENCODER(1.5e-2, 0.2, 0.1),
    /** Thirteen activations of slope 0 with a batch norm before each: found 0.8, 27 and 20 %. */
    CLASSIFIER(2e-2, 0.35, 0.25),
    /** At most two activations: only rounding is left. Found 1.3, 3 and 2 %. */
    RANDOM(2e-2, 0.05, 0.03);

    private final double output;
    private final double inputGradient;
    private final double parameterGradient;

    Bfloat16Tolerance(double output, double inputGradient, double parameterGradient) {
        this.output = output;
        this.inputGradient = inputGradient;
        this.parameterGradient = parameterGradient;
    }

    /** That of a network's family. */
    public static Bfloat16Tolerance of(Network network) {
        String name = network.name();
        if (name.endsWith("-generator")) {
            return GENERATOR;
        } else if (name.startsWith("sngan")) {
            return RESIDUAL;
        } else if (name.startsWith("autoencoder")) {
            return AUTOENCODER;
        } else if (name.startsWith("wrn")) {
            return CLASSIFIER;
        }
        return name.startsWith("random") ? RANDOM : PLAIN;
    }

    /** Largest relative error of outputs and energies. */
    public double output() {
        return output;
    }

    /** Largest relative error of gradients by the input. */
    public double inputGradient() {
        return inputGradient;
    }

    /** Largest relative error of gradients by the parameters. */
    public double parameterGradient() {
        return parameterGradient;
    }
}
