package io.ebmstream.job.config;

import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.StopRule;
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
 * @param earlyStop when runs end before K steps
 * @param adaptive fewer steps while images back up
 * @param consistency which version purifies an image
 * @param lockstepAhead records that a partition may be ahead of the slowest, in lockstep
 */
public record PurifierSettings(
        int steps,
        double stepSize,
        double temperature,
        double tau,
        double maxLangevinNorm,
        int batch,
        Duration maxDelay,
        int queue,
        EarlyStopping earlyStop,
        Adaptive adaptive,
        Consistency consistency,
        int lockstepAhead)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Whether the version is a function of an image's place. */
    public boolean lockstep() {
        return consistency == Consistency.LOCKSTEP;
    }

    /**
     * The purifier's configuration.
     *
     * @param seed seed of the noise
     * @param energyTemperature T of reported energies: the learner's
     */
    public PurifierConfig toConfig(long seed, double energyTemperature) {
        return new PurifierConfig(langevin(), steps, seed, energyTemperature);
    }

    /**
     * When runs end before K steps.
     *
     * @param enabled whether they may
     * @param first steps before the first look
     * @param every steps between looks
     * @param quantile of the energies of a version's chains
     * @param energy U/T in place of it as a number, or {@link EbmOptions#CHAINS}
     */
    public record EarlyStopping(
            boolean enabled, int first, int every, double quantile, String energy)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        /** Whether the energy is that of the learner's chains. */
        public boolean needsChains() {
            return enabled && energy.equals(EbmOptions.CHAINS);
        }

        /** Null where every run takes all its steps. */
        public StopRule toRule() {
            if (!enabled) {
                return null;
            }
            double level = needsChains() ? Double.NaN : Double.parseDouble(energy);
            return new StopRule(level, quantile, first, every);
        }
    }

    /**
     * Fewer steps while images back up.
     *
     * @param enabled whether
     * @param least steps where the queue is full
     */
    public record Adaptive(boolean enabled, int least) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** Dynamics of a purification. */
    public LangevinConfig langevin() {
        return new LangevinConfig(stepSize, temperature, tau, maxLangevinNorm);
    }
}
