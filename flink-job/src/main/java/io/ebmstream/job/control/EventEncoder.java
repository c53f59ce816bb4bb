package io.ebmstream.job.control;

import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ControlEvent;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.MapFunction;

/** An event for Kafka, keyed by the model's name. */
public final class EventEncoder implements MapFunction<JobEvent, OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    private final String topic;

    /**
     * @param topic topic of events
     */
    public EventEncoder(String topic) {
        this.topic = topic;
    }

    @Override
    public OutgoingRecord map(JobEvent event) {
        ControlEvent record =
                ControlEvent.newBuilder()
                        .setKind(event.kind())
                        .setModel(event.model())
                        .setShard(event.shard())
                        .setCommandId(event.orderId())
                        .setCommandKind(event.orderKind())
                        .setVersionBefore(AvroVersions.of(event.before()))
                        .setVersionAfter(AvroVersions.of(event.after()))
                        .setUpdate(event.update())
                        .setEventTime(event.eventTime())
                        .setCheck(event.check())
                        .setFound(event.found())
                        .setBound(event.bound())
                        .setMessage(event.message())
                        .build();
        return OutgoingRecord.of(
                topic,
                event.model().getBytes(StandardCharsets.UTF_8),
                WireFormat.EVENT.encode(record));
    }
}
