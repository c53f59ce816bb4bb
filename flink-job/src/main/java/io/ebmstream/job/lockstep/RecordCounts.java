package io.ebmstream.job.lockstep;

import io.ebmstream.job.kafka.KafkaRecord;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * Counts the records of a partition as watermarks, so that Flink's watermark alignment stops
 * reading partitions that are far ahead of the slowest. Nothing else looks at these watermarks. Not
 * state: after a restore counts begin at 0 again, with what was held before on top.
 */
public final class RecordCounts implements WatermarkGenerator<KafkaRecord> {
    /** Records between two watermarks. */
    static final int EVERY = 16;

    private static final Duration UPDATE = Duration.ofMillis(200);

    private long count;

    /**
     * The strategy of a source.
     *
     * @param ahead records that a partition may be ahead of the slowest
     */
    public static WatermarkStrategy<KafkaRecord> strategy(int ahead) {
        return WatermarkStrategy.<KafkaRecord>forGenerator(context -> new RecordCounts())
                .withWatermarkAlignment("lockstep", Duration.ofMillis(ahead), UPDATE);
    }

    @Override
    public void onEvent(KafkaRecord record, long timestamp, WatermarkOutput output) {
        count++;
        if (count % EVERY == 0) {
            output.emitWatermark(new Watermark(count));
        }
    }

    /** Also without records, so that an empty partition holds the others back. */
    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        output.emitWatermark(new Watermark(count));
    }
}
