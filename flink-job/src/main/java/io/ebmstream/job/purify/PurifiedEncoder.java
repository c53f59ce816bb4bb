package io.ebmstream.job.purify;

import io.ebmstream.job.classify.Classified;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.image.Image;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.common.functions.MapFunction;

/**
 * A purified image for Kafka, keyed by its stream, with {@link Headers#DEVICE}: what it takes to
 * replay it; and with {@link Headers#OUTLIER} where it was flagged.
 */
public final class PurifiedEncoder implements MapFunction<Purified, OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    private static final String[] HEADERS = {Headers.DEVICE};
    private static final String[] FLAGGED = {Headers.DEVICE, Headers.OUTLIER};

    private final String model;
    private final String topic;

    /**
     * @param model name of the model
     * @param topic topic of purified images
     */
    public PurifiedEncoder(String model, String topic) {
        this.model = model;
        this.topic = topic;
    }

    @Override
    public OutgoingRecord map(Purified purified) {
        boolean flagged = purified.outlier() != null;
        byte[] device = purified.device().getBytes(StandardCharsets.UTF_8);
        return new OutgoingRecord(
                topic,
                purified.image().streamId().getBytes(StandardCharsets.UTF_8),
                WireFormat.PURIFIED.encode(record(model, purified)),
                flagged ? FLAGGED.clone() : HEADERS.clone(),
                flagged
                        ? new byte[][] {
                            device,
                            String.format(Locale.ROOT, "%.1f", purified.outlier())
                                    .getBytes(StandardCharsets.UTF_8)
                        }
                        : new byte[][] {device});
    }

    /** The record of a purified image. */
    public static PurifiedImage record(String model, Purified purified) {
        ImageEvent image = purified.image();
        PurifiedImage.Builder record =
                PurifiedImage.newBuilder()
                        .setImageId(image.imageId())
                        .setStreamId(image.streamId())
                        .setEventTime(image.eventTime())
                        .setHeight(image.height())
                        .setWidth(image.width())
                        .setChannels(image.channels())
                        .setPixels(ByteBuffer.wrap(purified.pixels()))
                        .setModel(model)
                        .setModelVersion(AvroVersions.of(purified.version()))
                        .setSamplerHash(purified.samplerHash())
                        .setSeed(purified.seed())
                        .setSteps(purified.steps())
                        .setEnergyBefore(purified.energyBefore())
                        .setEnergyAfter(purified.energyAfter())
                        .setDisplacement(purified.displacement())
                        .setStopEnergy(purified.stopEnergy())
                        .setLabel(image.label() == Image.NO_LABEL ? null : image.label())
                        .setSourcePartition(image.partition())
                        .setSourceOffset(image.offset());
        Classified found = purified.classified();
        if (found != null) {
            record.setPredictedLabel(found.label())
                    .setPredictedName(found.name())
                    .setLogits(list(found.logits()))
                    .setMargin(found.margin())
                    .setReplicates(found.replicates())
                    .setClassifierHash(found.classifierHash());
        }
        return record.build();
    }

    private static List<Float> list(float[] values) {
        List<Float> list = new ArrayList<>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
