package io.ebmstream.job.feed;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.avro.ImageRecord;
import java.nio.ByteBuffer;
import java.util.List;

/** Images as records of the image topic. Stateless, thread-safe. */
public final class ImageRecords {
    private ImageRecords() {}

    public static ImageRecord record(
            String imageId,
            String streamId,
            long eventTime,
            ImageShape shape,
            ImageEncoding encoding,
            byte[] bytes,
            int label,
            List<Float> latent) {
        return ImageRecord.newBuilder()
                .setImageId(imageId)
                .setStreamId(streamId)
                .setEventTime(eventTime)
                .setEncoding(io.ebmstream.schemas.avro.ImageEncoding.valueOf(encoding.name()))
                .setHeight(shape.height())
                .setWidth(shape.width())
                .setChannels(shape.channels())
                .setData(ByteBuffer.wrap(bytes))
                .setLabel(label == Image.NO_LABEL ? null : label)
                .setLatent(latent)
                .build();
    }
}
