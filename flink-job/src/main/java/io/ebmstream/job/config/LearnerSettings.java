package io.ebmstream.job.config;

import io.ebmstream.ops.sampler.LangevinConfig;
import java.io.Serializable;

/**
 * Maximum-likelihood learning (ALGORITHMS sections 3 and 4).
 *
 * @param start where negative chains start: noise, data, persistent, data_persistent
 * @param batch data images, and as many chains, in one update
 * @param imagesPerUpdate new images between two updates
 * @param warmup images in the replay buffer before the first update
 * @param replay images in the replay buffer
 * @param bank persistent chains
 * @param steps Langevin steps K of one update
 * @param rejuvenation probability that a chain of the batch restarts
 * @param maxChainUpdates updates after which a chain restarts always, 0 for never
 * @param stepSize Langevin step size eps, pixel units
 * @param temperature T
 * @param tau standard deviation of the Gaussian term, 0 for none
 * @param maxLangevinNorm largest displacement of one step, 0 for no limit
 * @param dataNoise standard deviation of the noise on data images, pixel units
 * @param learningRate step of the optimizer
 * @param sgdFrom update from which SGD follows Adam, -1 for never
 * @param ema decay of the moving average of the weights, 0 for none
 * @param publishEvery updates between two published versions
 * @param maxUpdates updates after which learning stops, 0 for no limit
 * @param queue images that may wait
 */
public record LearnerSettings(
        String start,
        int batch,
        int imagesPerUpdate,
        int warmup,
        int replay,
        int bank,
        Schedule steps,
        Schedule rejuvenation,
        int maxChainUpdates,
        double stepSize,
        double temperature,
        double tau,
        double maxLangevinNorm,
        double dataNoise,
        Schedule learningRate,
        long sgdFrom,
        double ema,
        int publishEvery,
        long maxUpdates,
        int queue)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Dynamics of the negative chains. */
    public LangevinConfig langevin() {
        return new LangevinConfig(stepSize, temperature, tau, maxLangevinNorm);
    }

    /** Images that it takes to reach an update, the first being 1. */
    public long imagesFor(long updates) {
        return warmup + (updates - 1) * imagesPerUpdate;
    }
}
