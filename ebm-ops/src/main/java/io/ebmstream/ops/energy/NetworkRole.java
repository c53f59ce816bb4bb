package io.ebmstream.ops.energy;

import java.util.Locale;

/** What a network of the catalogue is for. */
public enum NetworkRole {
    /** From an image to its energy, [1, 1, 1]. */
    ENERGY,
    /** From latents to an image. */
    GENERATOR,
    /** From an image to latents. */
    ENCODER,
    /** From an image to the logits of its class. */
    CLASSIFIER;

    /** In lower case: {@code energy}, .. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
