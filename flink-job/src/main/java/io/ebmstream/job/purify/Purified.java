package io.ebmstream.job.purify;

import io.ebmstream.job.classify.Classified;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * An image after purification. Version, sampler hash, seed and steps are enough to replay it.
 *
 * @param image the input
 * @param pixels purified pixels, unsigned bytes, planar [c, h, w]
 * @param version version that purified it
 * @param samplerHash hash of the sampler's configuration
 * @param seed seed of the noise
 * @param steps Langevin steps that ran
 * @param energyBefore U(x)/T of the input, from a float32 plan
 * @param energyAfter U(x)/T of the output, from a float32 plan
 * @param stopEnergy U(x)/T at which its run could end early; null where it ran all its steps by
 *     configuration
 * @param displacement Euclidean distance between input and output, pixels in [-1, 1]
 * @param device what computed: architecture, instruction set, executor and precision
 * @param classified what its purifications say it is; null where images are not classified
 * @param outlier spreads by which the input's energy lies from those of known images, where that is
 *     far; else null
 * @param calibrated the input's energy on the scale of the version's anchors, which versions have
 *     in common; null where there are none
 * @param chainGap the input's energy minus the mean of the version's chains; null where it has none
 */
public record Purified(
        ImageEvent image,
        byte[] pixels,
        ModelVersion version,
        String samplerHash,
        long seed,
        int steps,
        double energyBefore,
        double energyAfter,
        Double stopEnergy,
        double displacement,
        String device,
        Classified classified,
        Double outlier,
        Double calibrated,
        Double chainGap) {
    /** The same with a class. */
    Purified withClass(Classified found) {
        return with(found, outlier, calibrated, chainGap);
    }

    /** The same, flagged as lying far from known images. */
    Purified withOutlier(double spreads) {
        return with(classified, spreads, calibrated, chainGap);
    }

    /** The same with its energy's place among others. */
    Purified withPlace(Double inAnchorSpreads, Double aboveChains) {
        return with(classified, outlier, inAnchorSpreads, aboveChains);
    }

    private Purified with(
            Classified found, Double spreads, Double inAnchorSpreads, Double aboveChains) {
        return new Purified(
                image,
                pixels,
                version,
                samplerHash,
                seed,
                steps,
                energyBefore,
                energyAfter,
                stopEnergy,
                displacement,
                device,
                found,
                spreads,
                inAnchorSpreads,
                aboveChains);
    }
}
