package io.ebmstream.job.density;

import io.ebmstream.job.purify.Purified;
import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * Energy of one input image under one version, without its pixels.
 *
 * @param imageId identity of the image within its stream
 * @param streamId the feed that it belongs to
 * @param eventTime when it was made, milliseconds since 1970-01-01 UTC
 * @param version version of the model
 * @param energy U(x)/T of the input, from a float32 plan
 * @param calibrated the energy on the scale of the version's anchors; null where there are none
 * @param chainGap the energy minus the mean of the version's chains; null where it has none
 */
public record EnergyPoint(
        String imageId,
        String streamId,
        long eventTime,
        ModelVersion version,
        double energy,
        Double calibrated,
        Double chainGap) {
    /** The reading that comes with a purification. */
    public static EnergyPoint of(Purified purified) {
        return new EnergyPoint(
                purified.image().imageId(),
                purified.image().streamId(),
                purified.image().eventTime(),
                purified.version(),
                purified.energyBefore(),
                purified.calibrated(),
                purified.chainGap());
    }
}
