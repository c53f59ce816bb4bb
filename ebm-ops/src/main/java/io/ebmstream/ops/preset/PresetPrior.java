package io.ebmstream.ops.preset;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.learner.PriorConfig;

/**
 * The prior network of a preset, trained beforehand.
 *
 * @param family an energy network in {@link Networks}
 * @param temperature T0, above 0
 */
public record PresetPrior(String family, double temperature) {
    /**
     * @throws IllegalArgumentException if there is no energy network of this name
     */
    public PresetPrior {
        Networks.energyNamed(family);
        if (!(temperature > 0)) {
            throw new IllegalArgumentException(
                    "expected a prior temperature above 0, found " + temperature);
        }
    }

    /**
     * The prior for images of a shape.
     *
     * @param width 0 for the papers'
     */
    public PriorConfig build(ImageShape image, int width) {
        NetworkFamily named = Networks.energyNamed(family);
        return new PriorConfig(
                named.build(image, width == 0 ? named.defaultWidth() : width), temperature);
    }
}
