package io.ebmstream.ops.preset;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.NetworkRole;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.energy.SnganGenerator;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.Schedule;

/**
 * The generator of a preset.
 *
 * @param family name in {@link Networks}
 * @param factor multiplies the family's width ({@code gen_factor}), above 0
 * @param learns whether it learns from the chains; if not, it is trained beforehand
 * @param learningRate of its Adam; of no use where it does not learn
 */
public record PresetGenerator(String family, double factor, boolean learns, Schedule learningRate) {
    /**
     * @throws IllegalArgumentException if there is no generator of this name
     */
    public PresetGenerator {
        if (Networks.named(family).role() != NetworkRole.GENERATOR) {
            throw new IllegalArgumentException(
                    "expected a generator, one of "
                            + Networks.names(NetworkRole.GENERATOR)
                            + ", found "
                            + family);
        }
        SnganGenerator.scaledWidth(1, factor);
    }

    /** One that is trained beforehand. */
    static PresetGenerator fixed(String family) {
        return new PresetGenerator(
                family, 1, false, Schedule.constant(GeneratorConfig.DEFAULT_LEARNING_RATE));
    }

    /** One that learns by Adam. */
    static PresetGenerator learning(String family, double factor, double rate) {
        return new PresetGenerator(family, factor, true, Schedule.constant(rate));
    }

    /** The papers' width, factor included. */
    public int width() {
        return SnganGenerator.scaledWidth(Networks.named(family).defaultWidth(), factor);
    }

    /**
     * The generator of images of a shape.
     *
     * @param width 0 for the papers'
     * @throws IllegalArgumentException if the family makes no such images
     */
    public GeneratorConfig build(ImageShape image, int width) {
        NetworkFamily named = Networks.named(family);
        Network network = named.build(image, width == 0 ? width() : width);
        return new GeneratorConfig(network, learns, learningRate);
    }
}
