package io.ebmstream.ops.defense;

import io.ebmstream.ops.energy.ImageShape;

/**
 * A random map from images to purified images. What a chain gives depends on its id and image only,
 * never on the chains beside it. One caller at a time.
 */
public interface Purification {
    /** Shape of the images. */
    ImageShape shape();

    /**
     * Purifies images, each by any number of chains.
     *
     * @param images planar [n, c, h, w], pixels in [-1, 1]; not changed
     * @param of chain j starts at image of[j]; at least as many as chains
     * @param chains ids of the chains
     * @param out receives the ends, planar [chains.length, c, h, w], not clipped
     * @param steps receives the Langevin steps that each chain took; or null
     * @throws IllegalArgumentException if there are fewer images or less room than chains
     * @throws IllegalStateException if an end is not finite
     */
    void purify(float[] images, int[] of, long[] chains, float[] out, int[] steps);
}
