package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * An image that waits for purification or is in the middle of it, as keyed state.
 *
 * @param image the input
 * @param version version that purifies it; null while it waits
 * @param steps K of purification in its micro-batch; 0 while it waits, and in state of releases
 *     whose K was the configuration's
 * @param step Langevin steps that its chain has behind it
 * @param chain where the chain is after those steps, float32: pixels [c, h, w], or latents and
 *     after them the residual of an image that is refined; null while it waits
 * @param energyBefore U(x)/T of the input; NaN where not computed yet
 * @param samplerHash hash of the sampler that runs its chain; null while it waits
 */
public record PendingImage(
        ImageEvent image,
        ModelVersion version,
        int steps,
        int step,
        float[] chain,
        double energyBefore,
        String samplerHash) {
    /** An image that waits. */
    public static PendingImage waiting(ImageEvent image) {
        return new PendingImage(image, null, 0, 0, null, Double.NaN, null);
    }

    /** Whether its chain has started. */
    public boolean started() {
        return version != null;
    }
}
