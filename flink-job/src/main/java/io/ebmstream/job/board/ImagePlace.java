package io.ebmstream.job.board;

import io.ebmstream.schemas.avro.PurifiedImage;

/**
 * Where an image lies in the topic of inputs, as the record of the purified one says.
 *
 * @param stream the image's stream
 * @param image the image's id
 * @param channels channels of the image
 * @param height rows
 * @param width columns
 * @param partition partition, negative where it is not known
 * @param offset offset there, negative where it is not known
 */
record ImagePlace(
        String stream,
        String image,
        int channels,
        int height,
        int width,
        int partition,
        long offset) {

    static ImagePlace of(PurifiedImage image) {
        return new ImagePlace(
                image.getStreamId(),
                image.getImageId(),
                image.getChannels(),
                image.getHeight(),
                image.getWidth(),
                image.getSourcePartition(),
                image.getSourceOffset());
    }

    /** Whether there is anything to look for. */
    boolean known() {
        return partition >= 0 && offset >= 0;
    }
}
