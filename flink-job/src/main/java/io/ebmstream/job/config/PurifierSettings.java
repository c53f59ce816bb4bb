package io.ebmstream.job.config;

import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.io.Serializable;
import java.time.Duration;

/**
 * Purification (ALGORITHMS section 7) and its micro-batches.
 *
 * @param steps Langevin steps K
 * @param stepSize Langevin step size eps, pixel units
 * @param temperature T
 * @param tau standard deviation of the Gaussian term, 0 for none
 * @param maxLangevinNorm largest displacement of one step, 0 for no limit
 * @param batch most images in one micro-batch
 * @param maxDelay how long the first image of a micro-batch waits for more
 * @param queue images that may wait
 */
public record PurifierSettings(
        int steps,
        double stepSize,
        double temperature,
        double tau,
        double maxLangevinNorm,
        int batch,
        Duration maxDelay,
        int queue)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * The purifier's configuration.
     *
     * @param seed seed of the noise
     * @param energyTemperature T of reported energies: the learner's
     */
    public PurifierConfig toConfig(long seed, double energyTemperature) {
        return new PurifierConfig(langevin(), steps, seed, energyTemperature);
    }

    /** Dynamics of a purification. */
    public LangevinConfig langevin() {
        return new LangevinConfig(stepSize, temperature, tau, maxLangevinNorm);
    }
}
