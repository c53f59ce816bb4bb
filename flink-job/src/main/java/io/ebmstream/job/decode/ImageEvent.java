package io.ebmstream.job.decode;

import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * An image inside the job.
 *
 * @param imageId identity of the image within its stream
 * @param streamId the feed that it belongs to
 * @param eventTime when it was made, milliseconds since 1970-01-01 UTC
 * @param channels channels of the image
 * @param height rows
 * @param width columns
 * @param pixels unsigned bytes, planar [c, h, w]
 * @param label class, or -1 where it is not known
 * @param latent z that the image was generated from, where it came with one and the job has a
 *     generator to refine it with; else null
 * @param topic topic that it was read from
 * @param partition partition that it was read from
 * @param offset its offset there
 * @param version version of the model that must purify it, where its place says so (lockstep); null
 *     for the latest
 */
public record ImageEvent(
        String imageId,
        String streamId,
        long eventTime,
        int channels,
        int height,
        int width,
        byte[] pixels,
        int label,
        float[] latent,
        String topic,
        int partition,
        long offset,
        ModelVersion version) {
    /** Purified by the latest version. */
    public ImageEvent(
            String imageId,
            String streamId,
            long eventTime,
            int channels,
            int height,
            int width,
            byte[] pixels,
            int label,
            float[] latent,
            String topic,
            int partition,
            long offset) {
        this(
                imageId, streamId, eventTime, channels, height, width, pixels, label, latent, topic,
                partition, offset, null);
    }

    /**
     * No image but a mark among a shard's images: a round of its updates is over here (lockstep).
     *
     * @param shard number of the shard
     */
    public static ImageEvent endOfRound(int shard) {
        return new ImageEvent("", "", 0, 0, 0, 0, new byte[0], -1, null, "", shard, -1);
    }

    /** Whether this is a mark instead of an image. */
    public boolean endsRound() {
        return channels == 0;
    }

    /** The same, to be purified by a given version. */
    public ImageEvent withVersion(ModelVersion given) {
        return new ImageEvent(
                imageId, streamId, eventTime, channels, height, width, pixels, label, latent, topic,
                partition, offset, given);
    }
}
