package io.ebmstream.ops.learner;

import io.ebmstream.ops.sampler.Threefry;

/**
 * One attempt at an update, as the chains see it. All that an attempt does is a pure function of
 * this and of the learner's state.
 *
 * @param number attempts before this one, applied or dropped: the counter of random choices
 * @param updates updates applied before this one
 * @param seed seed of the learner's random choices, under its adjustments
 * @param steps K, Langevin steps of a chain, adjusted; at least 1
 * @param burnInSteps K_b, Langevin steps of a burn-in chain; at least 1
 * @param rejuvenation probability that a chain restarts, adjusted; in [0, 1]
 * @param dataNoise standard deviation of the noise on data images, adjusted
 * @param rateFactor multiplies learning rates
 */
public record ChainRound(
        long number,
        long updates,
        long seed,
        int steps,
        int burnInSteps,
        double rejuvenation,
        double dataNoise,
        double rateFactor) {

    /** Keeps the seeds of salted rounds apart from those of purposes ("salt" in ASCII). */
    private static final long SALT = 0x73616C74L;

    static ChainRound of(
            LearnerConfig config, LearnerAdjustments adjustments, long number, long updates) {
        long salt = adjustments.salt();
        long seed =
                salt == 0
                        ? config.seed()
                        : Threefry.derive(Threefry.derive(config.seed(), SALT), salt);
        return new ChainRound(
                number,
                updates,
                seed,
                adjustments.steps(config.steps().at(updates)),
                config.burnIn() == null ? 1 : config.burnIn().steps().countAt(updates),
                Math.max(config.rejuvenation().at(updates), adjustments.leastRejuvenation()),
                Math.max(config.dataNoise(), adjustments.leastDataNoise()),
                adjustments.rateFactor());
    }

    /**
     * Seed of one purpose, the same in all rounds. Each purpose is a number of its own below 0:
     * {@code UpdateRun}, {@code LifeCycleChains} and the replay buffer use -1 to -20.
     */
    public long seed(long purpose) {
        return Threefry.derive(seed, purpose);
    }

    /** Key of one purpose in this round. */
    public long key(long purpose) {
        return Threefry.derive(seed(purpose), number);
    }
}
