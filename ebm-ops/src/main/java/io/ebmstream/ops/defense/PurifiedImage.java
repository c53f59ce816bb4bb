package io.ebmstream.ops.defense;

/**
 * A finished purification.
 *
 * @param pixels u8 planar [c, h, w], clipped to the range of pixels
 * @param energyBefore U(x)/T of the input, from a float32 plan
 * @param energyAfter U(x)/T of the chain's end, from a float32 plan
 * @param displacement L2 distance between input and chain's end, in pixel units of [-1, 1]
 * @param steps Langevin steps that it took: K, or fewer where it stopped early
 */
public record PurifiedImage(
        byte[] pixels, double energyBefore, double energyAfter, double displacement, int steps) {}
