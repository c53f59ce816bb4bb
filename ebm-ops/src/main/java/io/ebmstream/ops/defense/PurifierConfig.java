package io.ebmstream.ops.defense;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.state.Sha256;

/**
 * How images are purified (ALGORITHMS section 7): clipped to [-1, 1], then K Langevin steps at
 * fixed weights.
 *
 * @param langevin step size eps, temperature T and the rest of the dynamics. What counts is about K
 *     eps^2
 * @param steps K, at least 0; 0 gives the input back
 * @param seed seed of the noise
 * @param energyTemperature T of the energies U/T that are reported: that of the learner, so that
 *     they can be set beside its own, also where purification runs colder; above 0
 * @param earlyStop when an image's run ends before K steps, or null for never
 */
public record PurifierConfig(
        LangevinConfig langevin,
        int steps,
        long seed,
        double energyTemperature,
        EarlyStop earlyStop) {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public PurifierConfig {
        if (langevin == null) {
            throw new IllegalArgumentException("expected Langevin dynamics, found none");
        }
        if (steps < 0) {
            throw new IllegalArgumentException(
                    "expected at least 0 purification steps, found " + steps);
        }
        if (!(energyTemperature > 0) || !Double.isFinite(energyTemperature)) {
            throw new IllegalArgumentException(
                    "expected an energy temperature above 0, found " + energyTemperature);
        }
    }

    /** Every image runs K steps. */
    public PurifierConfig(LangevinConfig langevin, int steps, long seed, double energyTemperature) {
        this(langevin, steps, seed, energyTemperature, null);
    }

    /** The same with runs that end early, or with null for runs of K steps. */
    public PurifierConfig withEarlyStop(EarlyStop stop) {
        return new PurifierConfig(langevin, steps, seed, energyTemperature, stop);
    }

    /** The same with another K. */
    public PurifierConfig withSteps(int k) {
        return new PurifierConfig(langevin, k, seed, energyTemperature, earlyStop);
    }

    /** Energies are reported at the temperature of the dynamics; every image runs K steps. */
    public PurifierConfig(LangevinConfig langevin, int steps, long seed) {
        this(langevin, steps, seed, langevin.temperature(), null);
    }

    /**
     * SHA-256 of the sampler's configuration in lower-case hexadecimal digits, for provenance. It
     * covers all that shapes a result beside weights, seed and image: the dynamics, the steps and
     * the precision. Stable across machines and releases.
     */
    public String hash(Precision precision) {
        String text =
                "langevin/1 step_size="
                        + langevin.stepSize()
                        + " temperature="
                        + langevin.temperature()
                        + " tau="
                        + langevin.tau()
                        + " max_norm="
                        + langevin.maxLangevinNorm()
                        + " steps="
                        + steps
                        + " precision="
                        + precision.label()
                        + (earlyStop == null
                                ? ""
                                : " stop_level="
                                        + earlyStop.level()
                                        + " at_temperature="
                                        + energyTemperature
                                        + " first="
                                        + earlyStop.first()
                                        + " every="
                                        + earlyStop.every());
        return new Sha256().add(text).hex();
    }
}
