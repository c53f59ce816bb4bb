package io.ebmstream.ops.learner;

import java.util.Locale;

/** Rule by which a gradient changes the weights. */
public enum OptimizerKind {
    /** Adam with beta1 0.9, beta2 0.999, epsilon 1e-8. */
    ADAM,
    /** Stochastic gradient descent without momentum, for convergent learning. */
    SGD;

    /** Name in configuration and reports: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
