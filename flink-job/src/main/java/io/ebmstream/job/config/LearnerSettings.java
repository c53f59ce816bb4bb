package io.ebmstream.job.config;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.io.Serializable;

/**
 * Maximum-likelihood learning (ALGORITHMS sections 3 and 4), as {@link LearnerConfig} has it, and
 * when versions are published.
 *
 * @param start where negative chains start
 * @param batch data images, and as many chains, in one update
 * @param imagesPerUpdate new images between two updates
 * @param warmup images before the first update
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
 * @param optimizer rule of the weight update
 * @param learningRate its rate, a {@link Schedule} as text
 * @param ema decay of the moving average of the weights
 * @param part images in one call of the executor
 * @param publishEvery updates between two published versions
 * @param maxUpdates updates after which learning stops, 0 for no limit
 * @param queue images that may wait
 */
public record LearnerSettings(
        ChainStart start,
        int batch,
        int imagesPerUpdate,
        int warmup,
        int replay,
        int bank,
        int steps,
        double rejuvenation,
        int maxChainUpdates,
        double stepSize,
        double temperature,
        double tau,
        double maxLangevinNorm,
        double dataNoise,
        OptimizerKind optimizer,
        String learningRate,
        double ema,
        int part,
        int publishEvery,
        long maxUpdates,
        int queue)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Dynamics of the negative chains. */
    public LangevinConfig langevin() {
        return new LangevinConfig(stepSize, temperature, tau, maxLangevinNorm);
    }

    /**
     * The learner's configuration.
     *
     * @param network the energy
     * @param seed seed of every random choice
     */
    public LearnerConfig toConfig(Network network, long seed) {
        return new LearnerConfig(
                network,
                langevin(),
                Schedule.constant(steps),
                LearnerConfig.LIFE_CYCLE,
                start,
                bank,
                Schedule.constant(rejuvenation),
                maxChainUpdates,
                null,
                null,
                null,
                batch,
                dataNoise,
                optimizer,
                0,
                Schedule.parse(learningRate),
                ema,
                seed,
                replay,
                warmup,
                imagesPerUpdate,
                part);
    }

    /** Images that make a number of updates due: warm-up, then a fixed number for each. */
    public long imagesFor(long updates) {
        return warmup + updates * imagesPerUpdate;
    }
}
