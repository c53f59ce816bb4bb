package io.ebmstream.job.decode;

import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DecodeLimits;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
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

    private final int channels;
    private final int height;
    private final int width;
    private final int maxEncodedBytes;
    private final int maxPixels;
    private final int maxSide;
    private final int latentSize;

    private transient ImageDecoder decoder;
    private transient Counter decoded;
    private transient Counter dead;

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
        MetricGroup metrics = EbmMetrics.group(getRuntimeContext());
        decoded = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_DECODED);
        dead = EbmMetrics.counter(metrics, EbmMetrics.DEAD_LETTERS);
        Counter latentsIgnored = EbmMetrics.counter(metrics, EbmMetrics.LATENTS_IGNORED);
        decoder =
                new ImageDecoder(
                        new ImageShape(channels, height, width),
                        new DecodeLimits(maxEncodedBytes, maxPixels, maxSide),
                        latentSize,
                        latentsIgnored::inc);
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<ImageEvent> out) {
        ImageEvent event = image(record, letter -> context.output(DEAD_LETTERS, letter));
        if (event != null) {
            out.collect(event);
        }
    }

    /**
     * The image of a record, or null where it has none.
     *
     * @param letters takes the dead letter then
     */
    public ImageEvent image(KafkaRecord record, Consumer<DeadLetter> letters) {
        ImageEvent event;
        try {
            event = decoder.decode(record);
        } catch (IOException | RuntimeException e) {
            dead.inc();
            letters.accept(
                    new DeadLetter(
                            record, STAGE, e.getClass().getName(), String.valueOf(e.getMessage())));
            return null;
        }
        decoded.inc();
        return event;
    }
}
