package io.ebmstream.ops.classifier;

import io.ebmstream.ops.energy.Network;

/**
 * How a classifier is trained: stochastic gradient descent with Nesterov's momentum and weight
 * decay, as for wide residual networks (Zagoruyko, Komodakis 2016, arXiv 1605.07146), on the mean
 * cross-entropy of a batch, with a rate that rises over the first {@link #WARMUP} steps and then
 * falls as a cosine to 0.
 *
 * <pre>
 * g <- grad + decay * w (weights only),   v <- momentum v + g,   w <- w - rate (g + momentum v)
 * rate_t = rate * min(1, (t + 1) / WARMUP) * (1 + cos(pi t / steps)) / 2
 * </pre>
 *
 * @param network gives the logits
 * @param steps number of batches, at least 1
 * @param batch images of a batch, at least 2
 * @param rate largest learning rate, above 0
 * @param momentum 0 to below 1
 * @param weightDecay at least 0
 * @param augmentation how training images are varied
 * @param seed of initial weights, order and augmentation
 */
public record ClassifierTrainingConfig(
        Network network,
        int steps,
        int batch,
        double rate,
        double momentum,
        double weightDecay,
        Augmentation augmentation,
        long seed) {
    public static final int DEFAULT_BATCH = 64;
    public static final double DEFAULT_RATE = 0.05;
    public static final double DEFAULT_MOMENTUM = 0.9;
    public static final double DEFAULT_WEIGHT_DECAY = 5e-4;

    /** Steps over which the rate rises. */
    public static final int WARMUP = 50;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public ClassifierTrainingConfig {
        if (steps < 1 || batch < 2) {
            throw new IllegalArgumentException(
                    "expected at least 1 step and batches of at least 2 images, found "
                            + steps
                            + " steps of "
                            + batch);
        }
        if (!(rate > 0) || !(rate <= 10) || !(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException(
                    "expected a rate above 0 and at most 10 and a momentum from 0 to below 1, found"
                            + " rate "
                            + rate
                            + ", momentum "
                            + momentum);
        }
        if (!(weightDecay >= 0) || !(weightDecay <= 1)) {
            throw new IllegalArgumentException(
                    "expected a weight decay from 0 to 1, found " + weightDecay);
        }
    }

    /** Rate of the step after {@code done} steps. */
    public double rateAt(int done) {
        double rise = Math.min(1, (done + 1.0) / WARMUP);
        return rate * rise * (1 + Math.cos(Math.PI * done / steps)) / 2;
    }
}
