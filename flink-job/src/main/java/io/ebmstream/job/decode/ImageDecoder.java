package io.ebmstream.job.decode;

import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ImageFormatException;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ImageRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Records of the images' topic as images of the model's shape: what the job does with them, and
 * what a replay of its results must do again. Not thread-safe.
 */
public final class ImageDecoder {
    /** Longest image and stream id, characters. */
    static final int MAX_ID = 256;

    private final ImageShape shape;
    private final ImageCodec codec;
    private final int latentSize;
    private final Runnable latentIgnored;

    /**
     * @param shape the model's image shape; other images are refused
     * @param limits checked before anything is decoded
     * @param latentSize values of the generator's latents, others are refused; 0 without generator:
     *     latents are ignored
     * @param latentIgnored told of each image whose latents are ignored
     */
    public ImageDecoder(
            ImageShape shape, DecodeLimits limits, int latentSize, Runnable latentIgnored) {
        this.shape = shape;
        this.codec = new ImageCodec(limits);
        this.latentSize = latentSize;
        this.latentIgnored = latentIgnored;
    }

    /**
     * The image of a record.
     *
     * @throws IOException if it is none of the model's shape, or breaks a limit; so may a {@link
     *     RuntimeException}
     */
    public ImageEvent decode(KafkaRecord record) throws IOException {
        ImageRecord image = WireFormat.IMAGE.decode(record.value());
        checkId("image_id", image.getImageId());
        checkId("stream_id", image.getStreamId());
        if (image.getReference() != null) {
            throw new ImageFormatException(
                    "the image's bytes in the record (data)",
                    "a reference to " + image.getReference().getUri(),
                    "send the bytes inline: this job reads no references");
        }
        if (image.getData() == null) {
            throw new ImageFormatException(
                    "the image's bytes in the record (data)", "none", "set data");
        }
        if (image.getHeight() != shape.height()
                || image.getWidth() != shape.width()
                || image.getChannels() != shape.channels()) {
            throw new ImageFormatException(
                    "an image of the model's shape " + shape,
                    image.getChannels() + "x" + image.getHeight() + "x" + image.getWidth(),
                    "scale or pad the images, or set the model's image size");
        }
        float[] latent = latent(image.getLatent());
        ByteBuffer data = image.getData();
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        Image pixels = codec.decode(encoding(image), shape, bytes);
        return new ImageEvent(
                image.getImageId(),
                image.getStreamId(),
                image.getEventTime(),
                shape.channels(),
                shape.height(),
                shape.width(),
                pixels.pixels(),
                image.getLabel() == null ? Image.NO_LABEL : image.getLabel(),
                latent,
                record.topic(),
                record.partition(),
                record.offset());
    }

    private float[] latent(List<Float> values) throws ImageFormatException {
        if (values == null) {
            return null;
        }
        if (latentSize == 0) {
            latentIgnored.run();
            return null;
        }
        float[] latent = new float[values.size()];
        boolean finite = true;
        for (int i = 0; i < latent.length; i++) {
            latent[i] = values.get(i);
            finite &= Float.isFinite(latent[i]);
        }
        if (latent.length != latentSize || !finite) {
            throw new ImageFormatException(
                    "latent of " + latentSize + " finite values for the job's generator",
                    latent.length + (finite ? " values" : " values, some not finite"),
                    "send the latents of that generator, or none to have the image purified");
        }
        return latent;
    }

    private static ImageEncoding encoding(ImageRecord image) throws ImageFormatException {
        return switch (image.getEncoding()) {
            case RAW_U8_PLANAR -> ImageEncoding.RAW_U8_PLANAR;
            case RAW_U8_INTERLEAVED -> ImageEncoding.RAW_U8_INTERLEAVED;
            case RAW_F32_PLANAR -> ImageEncoding.RAW_F32_PLANAR;
            case PNG -> ImageEncoding.PNG;
            case JPEG -> ImageEncoding.JPEG;
            case UNKNOWN ->
                    throw new ImageFormatException(
                            "an encoding that this release knows",
                            "UNKNOWN",
                            "update the job, or send PNG, JPEG or raw pixels");
        };
    }

    private static void checkId(String field, String id) throws ImageFormatException {
        if (id.isEmpty() || id.length() > MAX_ID) {
            throw new ImageFormatException(
                    field + " of 1 to " + MAX_ID + " characters",
                    id.length() + " characters",
                    "name the image and its stream");
        }
    }
}
