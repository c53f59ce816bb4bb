package io.ebmstream.ops.hat;

import io.ebmstream.ops.sampler.LangevinConfig;

/**
 * The joint Langevin dynamics of latents z and residual r (Hill, Nijkamp, Mitchell, Pang, Zhu 2022,
 * arXiv 2210.16486; ALGORITHMS section 8):
 *
 * <pre>
 * H(z, r) = U(G(z) + r)/T + tau_res |r|^2
 * z <- z - (eps_z^2/2) grad_z H(z, r) + eps_z xi      if latents move
 * r <- r - clip( (eps^2/2) grad_r H(z, r) ) + eps xi   at the new z
 * </pre>
 *
 * <p>There is no term of z in H: z starts from N(0, I), and the run is short enough to stay near
 * (250 steps of 5e-3 spread it by 0.08). {@link #latents} with a Gaussian term of tau 1 adds
 * |z|^2/2, the prior, for longer runs.
 *
 * @param residual eps, T, tau = 1/sqrt(2 tau_res) and the largest norm of one displacement of r
 * @param latents eps_z, the same T; null if latents stay
 */
public record HatDynamics(LangevinConfig residual, LangevinConfig latents) {
    /** Largest L2 norm of one displacement of r in the paper; a guard. */
    public static final double MAX_NORM = 2.5;

    /**
     * @throws IllegalArgumentException if there is no dynamics of r, or the temperatures differ
     */
    public HatDynamics {
        if (residual == null) {
            throw new IllegalArgumentException("expected dynamics of the residual, found none");
        }
        if (latents != null && latents.temperature() != residual.temperature()) {
            throw new IllegalArgumentException(
                    "expected one temperature of latents and residual, found "
                            + latents.temperature()
                            + " and "
                            + residual.temperature());
        }
    }

    /**
     * The paper's, clipped to {@link #MAX_NORM}.
     *
     * @param stepSize eps of the residual, above 0
     * @param latentStepSize eps_z; 0 if latents stay
     * @param temperature T, above 0
     * @param tauRes factor of |r|^2; 0 leaves the term out
     * @throws IllegalArgumentException if a value is out of range
     */
    public static HatDynamics of(
            double stepSize, double latentStepSize, double temperature, double tauRes) {
        if (!(latentStepSize >= 0) || !(tauRes >= 0) || !Double.isFinite(tauRes)) {
            throw new IllegalArgumentException(
                    "expected a latent step size and tau_res of at least 0, found "
                            + latentStepSize
                            + " and "
                            + tauRes);
        }
        double tau = tauRes == 0 ? 0 : 1 / Math.sqrt(2 * tauRes);
        return new HatDynamics(
                new LangevinConfig(stepSize, temperature, tau, MAX_NORM),
                latentStepSize == 0 ? null : LangevinConfig.of(latentStepSize, temperature));
    }

    /** T. */
    public double temperature() {
        return residual.temperature();
    }

    /** Whether latents move. */
    public boolean latentsMove() {
        return latents != null;
    }
}
