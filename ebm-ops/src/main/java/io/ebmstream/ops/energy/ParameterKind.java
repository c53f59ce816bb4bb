package io.ebmstream.ops.energy;

import java.util.Locale;

/** What a tensor of the parameter vector is: how it begins and whether it is learned. */
public enum ParameterKind {
    /** Weights of a convolution or dense layer. */
    WEIGHT,
    /** Bias of a convolution or dense layer. */
    BIAS,
    /** Scale of a batch normalisation; 1 at first. */
    SCALE,
    /** Shift of a batch normalisation; 0 at first. */
    SHIFT,
    /** Running mean of a batch normalisation; 0 at first. */
    RUNNING_MEAN,
    /** Running variance of a batch normalisation; 1 at first. */
    RUNNING_VARIANCE;

    /** Whether an optimizer moves it. Running statistics follow the data; their gradient is 0. */
    public boolean trainable() {
        return this != RUNNING_MEAN && this != RUNNING_VARIANCE;
    }

    /** The tensor's name within its layer: {@code weight}, {@code running_mean}, .. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
