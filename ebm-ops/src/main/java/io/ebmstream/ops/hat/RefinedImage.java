package io.ebmstream.ops.hat;

/**
 * A finished refinement: G(z) + r after the last step.
 *
 * @param pixels u8 planar [c, h, w], clipped to the range of pixels
 * @param latents z after the last step
 * @param energyBefore U(x)/T where the run began, from a float32 plan
 * @param energyAfter U(x)/T at its end, from a float32 plan
 * @param displacement L2 distance between the images at begin and end, in pixel units of [-1, 1]
 * @param latentDisplacement L2 distance between the latents at begin and end
 * @param residual |r| at the end
 */
public record RefinedImage(
        byte[] pixels,
        float[] latents,
        double energyBefore,
        double energyAfter,
        double displacement,
        double latentDisplacement,
        double residual) {}
