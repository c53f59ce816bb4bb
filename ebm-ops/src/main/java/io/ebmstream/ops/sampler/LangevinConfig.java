package io.ebmstream.ops.sampler;

/**
 * One Langevin step (ALGORITHMS section 2):
 *
 * <pre>x <- x - (eps^2/2) grad_x[ U(x)/T + |x|^2/(2 tau^2) ] + eps xi,   xi ~ N(0, I)</pre>
 *
 * @param stepSize eps, in pixel units of [-1, 1]; above 0
 * @param temperature T; above 0
 * @param tau standard deviation of the Gaussian term; 0 leaves the term out
 * @param maxLangevinNorm largest L2 norm of one image's displacement (eps^2/2) grad[..]; 0 for no
 *     limit. A guard: it must not interfere with normal dynamics
 */
public record LangevinConfig(
        double stepSize, double temperature, double tau, double maxLangevinNorm) {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LangevinConfig {
        if (!(stepSize > 0) || !Double.isFinite(stepSize)) {
            throw new IllegalArgumentException(
                    "expected a Langevin step size above 0, found " + stepSize);
        }
        if (!(temperature > 0) || !Double.isFinite(temperature)) {
            throw new IllegalArgumentException(
                    "expected a temperature above 0, found " + temperature);
        }
        if (!(tau >= 0) || !Double.isFinite(tau)) {
            throw new IllegalArgumentException(
                    "expected tau of at least 0 (0: no Gaussian term), found " + tau);
        }
        if (!(maxLangevinNorm >= 0) || !Double.isFinite(maxLangevinNorm)) {
            throw new IllegalArgumentException(
                    "expected a largest Langevin norm of at least 0 (0: no limit), found "
                            + maxLangevinNorm);
        }
    }

    /** Without Gaussian term and clipping. */
    public static LangevinConfig of(double stepSize, double temperature) {
        return new LangevinConfig(stepSize, temperature, 0, 0);
    }

    /** Factor of grad U(x) in one step: eps^2 / (2 T). */
    public double energyFactor() {
        return stepSize * stepSize / (2 * temperature);
    }

    /** Factor of x in one step: eps^2 / (2 tau^2), or 0 without Gaussian term. */
    public double decay() {
        return tau == 0 ? 0 : stepSize * stepSize / (2 * tau * tau);
    }
}
