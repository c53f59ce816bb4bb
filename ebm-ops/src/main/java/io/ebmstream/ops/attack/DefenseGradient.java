package io.ebmstream.ops.attack;

import io.ebmstream.ops.defense.EotVote;

/** How an attacker differentiates a purified classifier. One caller at a time. */
public interface DefenseGradient {
    /**
     * Purifies every image R_a times and gives the gradient of the loss of their vote by the image.
     *
     * @param images planar [n, c, h, w], pixels in [-1, 1]
     * @param labels true classes, n
     * @param occasions ids of the images' chains on this occasion, n
     * @param replicates R_a, at least 1
     * @param gradient receives the gradients, planar [n, c, h, w]
     * @return the vote of each image's replicates
     */
    EotVote[] of(float[] images, int[] labels, long[] occasions, int replicates, float[] gradient);
}
