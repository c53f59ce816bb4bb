package io.ebmstream.ops.hat;

import io.ebmstream.ops.learner.ChainRule;
import io.ebmstream.ops.learner.ChainSetting;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.NegativeChains;
import io.ebmstream.ops.sampler.LangevinConfig;

/**
 * Negative samples of a hat energy (Hill, Nijkamp, Mitchell, Pang, Zhu 2022, arXiv 2210.16486): x-
 * = G(z) + r after K steps of {@link HatDynamics}, each run fresh from z ~ N(0, I) and r = 0. The
 * learner's Langevin dynamics are those of r; its generator is G, and may learn:
 *
 * <pre>loss(G) = factor * mean (G(z) - x-)^2      over pairs (z, x-) drawn from a bank, and pixels
 * </pre>
 *
 * <p>The bank has the learner's bank size. The pairs drawn are then replaced by those of the
 * update, so that a pair serves once.
 *
 * @param latentStepSize eps_z, at least 0; 0 if latents stay
 * @param tauRes factor of |r|^2, at least 0; 0 leaves the term out
 * @param lossFactor factor of G's loss, above 0; of no use where G does not learn
 */
public record HatRule(double latentStepSize, double tauRes, double lossFactor)
        implements ChainRule {
    /** The paper's factor of the generator's loss. */
    public static final double DEFAULT_LOSS_FACTOR = 1000;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public HatRule {
        HatDynamics.of(1, latentStepSize, 1, tauRes);
        if (!(lossFactor > 0) || !Double.isFinite(lossFactor)) {
            throw new IllegalArgumentException(
                    "expected a loss factor above 0, found " + lossFactor);
        }
    }

    /** For a generator whose weights stay as given. */
    public static HatRule fixed(double latentStepSize, double tauRes) {
        return new HatRule(latentStepSize, tauRes, DEFAULT_LOSS_FACTOR);
    }

    /** For a generator that learns; latents stay, there is no term of r. */
    public static HatRule learning(double lossFactor) {
        return new HatRule(0, 0, lossFactor);
    }

    /** The dynamics with a learner's. */
    public HatDynamics dynamics(LangevinConfig langevin) {
        LangevinConfig r = HatDynamics.of(1, 0, 1, tauRes).residual();
        return new HatDynamics(
                new LangevinConfig(
                        langevin.stepSize(),
                        langevin.temperature(),
                        r.tau(),
                        langevin.maxLangevinNorm()),
                latentStepSize == 0
                        ? null
                        : LangevinConfig.of(latentStepSize, langevin.temperature()));
    }

    /**
     * @throws IllegalArgumentException if there is no generator, the dynamics have a Gaussian term
     *     of images, or the bank of pairs is smaller than the batch
     */
    @Override
    public NegativeChains open(ChainSetting setting) {
        LearnerConfig config = setting.config();
        if (config.generator() == null || config.prior() != null) {
            throw new IllegalArgumentException(
                    "expected a generator and no prior network for hat chains, found "
                            + (config.generator() == null ? "no generator" : "a prior network"));
        }
        if (config.langevin().tau() != 0) {
            throw new IllegalArgumentException(
                    "expected no Gaussian term of images (tau 0) for hat chains, found tau "
                            + config.langevin().tau()
                            + "; tau_res is the residual's");
        }
        if (config.generator().learns() && config.bankSize() < config.batch()) {
            throw new IllegalArgumentException(
                    "expected a bank of at least the batch, "
                            + config.batch()
                            + " pairs, found "
                            + config.bankSize());
        }
        return new HatChains(this, setting);
    }

    @Override
    public String toString() {
        return "hat, latent step size "
                + latentStepSize
                + ", tau_res "
                + tauRes
                + ", loss factor of a generator that learns "
                + lossFactor;
    }
}
