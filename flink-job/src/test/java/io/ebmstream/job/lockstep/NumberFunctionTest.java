package io.ebmstream.job.lockstep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.DecodeFunction;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ImageEncoding;
import io.ebmstream.schemas.avro.ImageRecord;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

// the harness's close() throws Exception
@SuppressWarnings("try")
class NumberFunctionTest {
    private static OneInputStreamOperatorTestHarness<KafkaRecord, Numbered> harness(
            int parallelism, int subtask) throws Exception {
        return new OneInputStreamOperatorTestHarness<>(
                new ProcessOperator<>(
                        new NumberFunction(
                                new DecodeFunction(TestModels.SHAPE, DecodeLimits.DEFAULT, 0), 3)),
                16,
                parallelism,
                subtask);
    }

    private static StreamRecord<KafkaRecord> record(int partition, long offset, boolean good) {
        ImageEvent image = TestModels.image((int) offset, "s");
        byte[] value =
                WireFormat.IMAGE.encode(
                        ImageRecord.newBuilder()
                                .setImageId(image.imageId())
                                .setStreamId("s")
                                .setEventTime(1)
                                .setEncoding(ImageEncoding.RAW_U8_PLANAR)
                                .setHeight(image.height())
                                .setWidth(image.width())
                                .setChannels(image.channels())
                                .setData(ByteBuffer.wrap(image.pixels()))
                                .build());
        return new StreamRecord<>(
                new KafkaRecord(
                        "t",
                        partition,
                        offset,
                        0,
                        null,
                        good ? value : new byte[] {1},
                        new String[0],
                        new byte[0][]));
    }

    private static List<Long> numbers(
            OneInputStreamOperatorTestHarness<KafkaRecord, Numbered> harness) {
        return harness.extractOutputValues().stream().map(Numbered::number).toList();
    }

    @Test
    void countsRecordsNotOffsetsAndGivesDeadLettersTheirPlace() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            harness.processElement(record(0, 7, true));
            harness.processElement(record(0, 9, false));
            harness.processElement(record(1, 100, true));
            harness.processElement(record(0, 12, true));
            assertThat(numbers(harness)).containsExactly(0L, 1L, 0L, 2L);
            assertThat(harness.extractOutputValues())
                    .extracting(place -> place.image() == null)
                    .containsExactly(false, true, false, false);
            assertThat(harness.getSideOutput(DecodeFunction.DEAD_LETTERS)).hasSize(1);
        }
    }

    @Test
    void numbersGoOnWhereverAPartitionGoes() throws Exception {
        OperatorSubtaskState first;
        OperatorSubtaskState second;
        try (var a = harness(2, 0);
                var b = harness(2, 1)) {
            a.open();
            b.open();
            a.processElement(record(0, 0, true));
            a.processElement(record(0, 1, true));
            b.processElement(record(1, 0, true));
            first = a.snapshot(1, 1);
            second = b.snapshot(1, 1);
        }
        OperatorSubtaskState both = AbstractStreamOperatorTestHarness.repackageState(first, second);
        OperatorSubtaskState one;
        try (var harness = harness(1, 0)) {
            harness.initializeState(both);
            harness.open();
            harness.processElement(record(1, 1, true));
            one = harness.snapshot(2, 2);
            assertThat(numbers(harness)).containsExactly(1L);
        }
        // to two again, each partition with the other subtask
        try (var a = harness(2, 0);
                var b = harness(2, 1)) {
            a.initializeState(
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(one, 16, 1, 2, 0));
            b.initializeState(
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(one, 16, 1, 2, 1));
            a.open();
            b.open();
            a.processElement(record(1, 2, true));
            b.processElement(record(0, 2, true));
            assertThat(numbers(a)).containsExactly(2L);
            assertThat(numbers(b)).containsExactly(2L);
        }
    }

    @Test
    void anotherPartitionThanThereWereIsAnError() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            assertThatThrownBy(() -> harness.processElement(record(3, 0, true)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("partitions 0 to 2");
        }
    }
}
