package io.ebmstream.job.decode;

import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.schemas.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.MapFunction;

/**
 * A dead letter for Kafka: the original's key, value and headers as they were, and after them the
 * headers of {@link Headers}. An original larger than {@link JobTopics#MAX_MESSAGE_BYTES} could not
 * be sent and would stop the job: only where it lies is sent then.
 */
public final class DeadLetterEncoder implements MapFunction<DeadLetter, OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    /** Longer messages are cut: they may quote the input, and a record has room for its own. */
    static final int MAX_MESSAGE = 2_000;

    private final String topic;

    /**
     * @param topic the dead letters' topic
     */
    public DeadLetterEncoder(String topic) {
        this.topic = topic;
    }

    @Override
    public OutgoingRecord map(DeadLetter letter) {
        KafkaRecord record = letter.record();
        long size = size(record);
        boolean fits = size <= JobTopics.MAX_MESSAGE_BYTES;
        List<String> names = new ArrayList<>();
        List<byte[]> values = new ArrayList<>();
        if (fits) {
            names.addAll(List.of(record.headerNames()));
            values.addAll(List.of(record.headerValues()));
        } else {
            names.add(Headers.OMITTED_BYTES);
            values.add(String.valueOf(size).getBytes(StandardCharsets.UTF_8));
        }
        String message =
                letter.message().length() > MAX_MESSAGE
                        ? letter.message().substring(0, MAX_MESSAGE) + "..."
                        : letter.message();
        String[][] errors = {
            {Headers.STAGE, letter.stage()},
            {Headers.CLASS, letter.errorClass()},
            {Headers.MESSAGE, message},
            {Headers.TOPIC, record.topic()},
            {Headers.PARTITION, String.valueOf(record.partition())},
            {Headers.OFFSET, String.valueOf(record.offset())},
            {Headers.TIMESTAMP, String.valueOf(record.timestamp())},
        };
        for (String[] error : errors) {
            names.add(error[0]);
            values.add(error[1].getBytes(StandardCharsets.UTF_8));
        }
        return new OutgoingRecord(
                topic,
                fits ? record.key() : null,
                fits ? record.value() : null,
                names.toArray(new String[0]),
                values.toArray(new byte[0][]));
    }

    private static long size(KafkaRecord record) {
        long size = length(record.key()) + length(record.value());
        for (int i = 0; i < record.headerNames().length; i++) {
            size += record.headerNames()[i].length() + length(record.headerValues()[i]);
        }
        return size;
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
