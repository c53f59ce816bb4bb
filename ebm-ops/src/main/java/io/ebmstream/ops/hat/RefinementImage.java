package io.ebmstream.ops.hat;

import io.ebmstream.ops.defense.PurificationImage;

/**
 * A sample to be refined, fresh or on its way. What a refinement gives depends on its chain id,
 * latents, input, seed, weights and configuration only, never on the samples beside it.
 *
 * @param chain id of the Langevin chain
 * @param latents z that it comes with, planar [c, h, w] of the generator's input; not copied
 * @param input the image that it comes with, u8 planar [c, h, w]; r starts as input - G(z), so that
 *     the run begins at the image whatever generator made it. Null: r starts at 0, the image is
 *     G(z)
 * @param state z and after it r where the chain is; null for a sample that has not begun
 * @param step steps it has behind it
 * @param energyBefore U/T of the image that the run began at; NaN while unknown
 */
public record RefinementImage(
        long chain, float[] latents, byte[] input, float[] state, int step, double energyBefore) {
    /**
     * @throws IllegalArgumentException if there is progress without state or none with it
     */
    public RefinementImage {
        if (step < 0 || (state == null) != (step == 0)) {
            throw new IllegalArgumentException(
                    "expected latents and residual exactly for samples with steps behind them,"
                            + " found step "
                            + step
                            + (state == null ? " without" : " with")
                            + " them");
        }
    }

    /** An image that comes with its latents and has not begun. */
    public static RefinementImage of(String imageId, float[] latents, byte[] input) {
        return new RefinementImage(
                PurificationImage.chain(imageId), latents, input, null, 0, Double.NaN);
    }

    /** Latents alone: the image is G(z). */
    public static RefinementImage of(long chain, float[] latents) {
        return new RefinementImage(chain, latents, null, null, 0, Double.NaN);
    }
}
