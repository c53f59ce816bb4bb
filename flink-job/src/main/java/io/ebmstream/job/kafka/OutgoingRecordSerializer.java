package io.ebmstream.job.kafka;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Hands bytes on. The Kafka timestamp is left to the producer, the moment of sending: its distance
 * from an image's event time is the latency that a consumer sees.
 */
public final class OutgoingRecordSerializer
        implements KafkaRecordSerializationSchema<OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            OutgoingRecord record, KafkaSinkContext context, Long timestamp) {
        List<Header> headers = new ArrayList<>(record.headerNames().length);
        for (int i = 0; i < record.headerNames().length; i++) {
            headers.add(new RecordHeader(record.headerNames()[i], record.headerValues()[i]));
        }
        return new ProducerRecord<>(
                record.topic(), null, null, record.key(), record.value(), headers);
    }
}
