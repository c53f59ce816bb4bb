package io.ebmstream.job.decode;

import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.topology.EbmMetrics;
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
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Decodes records into images of the model's shape. Whatever is wrong with a record, the record
 * goes to {@link #DEAD_LETTERS} and the job goes on; errors of the machine (no memory) are not
 * caught.
 */
public final class DecodeFunction extends ProcessFunction<KafkaRecord, ImageEvent> {
    private static final long serialVersionUID = 1L;

    /** Name of this step in dead letters. */
    public static final String STAGE = "decode";

    /** Records that are not images of the model's shape. */
    public static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("dead-letters", TypeInformation.of(DeadLetter.class));

    /** Longest image and stream id, characters. */
    static final int MAX_ID = 256;

    private final int channels;
    private final int height;
    private final int width;
    private final int maxEncodedBytes;
    private final int maxPixels;
    private final int maxSide;
    private final int latentSize;

    private transient ImageShape shape;
    private transient ImageCodec codec;
    private transient Counter decoded;
    private transient Counter dead;
    private transient Counter latentsIgnored;

    /**
     * @param shape the model's image shape; images of another shape are dead letters
     * @param limits checked before anything is decoded
     * @param latentSize values of the job's generator's latents: an image with other latents is a
     *     dead letter. 0 for a job without generator: latents are ignored, and counted
     */
    public DecodeFunction(ImageShape shape, DecodeLimits limits, int latentSize) {
        channels = shape.channels();
        height = shape.height();
        width = shape.width();
        maxEncodedBytes = limits.maxEncodedBytes();
        maxPixels = limits.maxPixels();
        maxSide = limits.maxSide();
        this.latentSize = latentSize;
    }

    @Override
    public void open(OpenContext context) {
        shape = new ImageShape(channels, height, width);
        codec = new ImageCodec(new DecodeLimits(maxEncodedBytes, maxPixels, maxSide));
        decoded = EbmMetrics.group(getRuntimeContext()).counter(EbmMetrics.IMAGES_DECODED);
        dead = EbmMetrics.group(getRuntimeContext()).counter(EbmMetrics.DEAD_LETTERS);
        latentsIgnored = EbmMetrics.group(getRuntimeContext()).counter(EbmMetrics.LATENTS_IGNORED);
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<ImageEvent> out) {
        ImageEvent event;
        try {
            event = decode(record);
        } catch (IOException | RuntimeException e) {
            dead.inc();
            context.output(
                    DEAD_LETTERS,
                    new DeadLetter(
                            record, STAGE, e.getClass().getName(), String.valueOf(e.getMessage())));
            return;
        }
        decoded.inc();
        out.collect(event);
    }

    private ImageEvent decode(KafkaRecord record) throws IOException {
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
        if (image.getHeight() != height
                || image.getWidth() != width
                || image.getChannels() != channels) {
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
                channels,
                height,
                width,
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
            latentsIgnored.inc();
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
