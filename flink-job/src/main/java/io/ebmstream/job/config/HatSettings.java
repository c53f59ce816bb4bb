package io.ebmstream.job.config;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.hat.HatDynamics;
import io.ebmstream.ops.hat.RefinerConfig;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * Refinement of images that come with latents (ALGORITHMS section 8).
 *
 * @param generator file of the generator that made them; empty where nothing is refined
 * @param steps joint Langevin steps K
 * @param stepSize eps of the residual, pixel units
 * @param latentStepSize eps_z, 0 if latents stay
 * @param tauRes factor of |r|^2, 0 for none
 * @param temperature T, 0 for the learner's
 */
public record HatSettings(
        String generator,
        int steps,
        double stepSize,
        double latentStepSize,
        double tauRes,
        double temperature)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Whether images with latents are refined. */
    public boolean refines() {
        return !generator.isEmpty();
    }

    /**
     * Reads the generator.
     *
     * @throws IllegalStateException if its file cannot be read or holds none
     */
    public Generator read() {
        try {
            return Generator.read(Path.of(generator));
        } catch (IOException e) {
            throw new IllegalStateException(
                    EbmOptions.HAT_GENERATOR.key() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Values of the generator's latents; 0 without a generator.
     *
     * @param shape of the model's images
     * @throws IllegalArgumentException if the generator makes images of another shape
     * @throws IllegalStateException as {@link #read()}
     */
    public int latentSize(ImageShape shape) {
        if (!refines()) {
            return 0;
        }
        Generator found = read();
        if (!found.network().output().equals(shape)) {
            throw new IllegalArgumentException(
                    EbmOptions.HAT_GENERATOR.key()
                            + ": expected a generator of images of the model's shape "
                            + shape
                            + ", found "
                            + found.network()
                            + " with images of "
                            + found.network().output());
        }
        return found.latentSize();
    }

    /**
     * The refiner's configuration.
     *
     * @param seed seed of the noise
     * @param learnerTemperature T of reported energies, and of the runs where none is set
     */
    public RefinerConfig toConfig(long seed, double learnerTemperature) {
        double t = temperature == 0 ? learnerTemperature : temperature;
        return new RefinerConfig(
                HatDynamics.of(stepSize, latentStepSize, t, tauRes),
                steps,
                seed,
                learnerTemperature);
    }
}
