package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.state.Sha256;

/**
 * How samples of a generator are refined (ALGORITHMS section 8).
 *
 * @param dynamics of latents and residual
 * @param steps K, at least 0; 0 gives G(z) + r back as it began
 * @param seed seed of the noise
 * @param energyTemperature T of the energies U(x)/T that are reported: that of the learner; above 0
 */
public record RefinerConfig(HatDynamics dynamics, int steps, long seed, double energyTemperature) {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public RefinerConfig {
        if (dynamics == null) {
            throw new IllegalArgumentException("expected dynamics of a hat energy, found none");
        }
        if (steps < 0) {
            throw new IllegalArgumentException(
                    "expected at least 0 refinement steps, found " + steps);
        }
        if (!(energyTemperature > 0) || !Double.isFinite(energyTemperature)) {
            throw new IllegalArgumentException(
                    "expected an energy temperature above 0, found " + energyTemperature);
        }
    }

    /** Energies are reported at the temperature of the dynamics. */
    public RefinerConfig(HatDynamics dynamics, int steps, long seed) {
        this(dynamics, steps, seed, dynamics.temperature());
    }

    /**
     * SHA-256 of the sampler's configuration in lower-case hexadecimal digits, for provenance: the
     * dynamics, the steps, the precision and the generator. Stable across machines and releases.
     *
     * @param generator digest of the generator, {@link Generator#digest}
     */
    public String hash(Precision precision, String generator) {
        LangevinConfig r = dynamics.residual();
        LangevinConfig z = dynamics.latents();
        String text =
                "hat/1 step_size="
                        + r.stepSize()
                        + " temperature="
                        + r.temperature()
                        + " tau="
                        + r.tau()
                        + " max_norm="
                        + r.maxLangevinNorm()
                        + " latent_step_size="
                        + (z == null ? 0 : z.stepSize())
                        + " latent_tau="
                        + (z == null ? 0 : z.tau())
                        + " latent_max_norm="
                        + (z == null ? 0 : z.maxLangevinNorm())
                        + " steps="
                        + steps
                        + " precision="
                        + precision.label()
                        + " generator="
                        + generator;
        return new Sha256().add(text).hex();
    }
}
