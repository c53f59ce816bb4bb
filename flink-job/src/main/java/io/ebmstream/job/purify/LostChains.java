package io.ebmstream.job.purify;

import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ImageEncoding;
import io.ebmstream.schemas.avro.ImageRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Dead letters of images whose chain did not stay finite. The original bytes are gone by then: the
 * letter holds the image anew, as raw pixels, with where it came from.
 */
final class LostChains {
    /** Name of this step in dead letters. */
    static final String STAGE = "purify";

    private LostChains() {}

    private static List<Float> latent(float[] values) {
        if (values == null) {
            return null;
        }
        List<Float> latent = new ArrayList<>(values.length);
        for (float value : values) {
            latent.add(value);
        }
        return latent;
    }

    static DeadLetter letter(ImageEvent image, ModelVersion version, RuntimeException error) {
        ImageRecord record =
                ImageRecord.newBuilder()
                        .setImageId(image.imageId())
                        .setStreamId(image.streamId())
                        .setEventTime(image.eventTime())
                        .setEncoding(ImageEncoding.RAW_U8_PLANAR)
                        .setHeight(image.height())
                        .setWidth(image.width())
                        .setChannels(image.channels())
                        .setData(ByteBuffer.wrap(image.pixels()))
                        .setLabel(image.label() == Image.NO_LABEL ? null : image.label())
                        .setLatent(latent(image.latent()))
                        .build();
        return new DeadLetter(
                new KafkaRecord(
                        image.topic(),
                        image.partition(),
                        image.offset(),
                        image.eventTime(),
                        image.streamId().getBytes(StandardCharsets.UTF_8),
                        WireFormat.IMAGE.encode(record),
                        new String[0],
                        new byte[0][]),
                STAGE,
                error.getClass().getName(),
                "model version " + version + ": " + error.getMessage());
    }
}
