package io.ebmstream.job.lockstep;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.DecodeFunction;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.image.DecodeLimits;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Partitions that are numbered in part. */
class NumberRestoreTest
        extends RestoreContract<OneInputStreamOperatorTestHarness<KafkaRecord, Numbered>> {
    NumberRestoreTest() {
        super("number", 1, 2);
    }

    @Override
    protected OneInputStreamOperatorTestHarness<KafkaRecord, Numbered> harness() throws Exception {
        return new OneInputStreamOperatorTestHarness<>(
                new ProcessOperator<>(
                        new NumberFunction(
                                new DecodeFunction(TestModels.SHAPE, DecodeLimits.DEFAULT, 0), 3)),
                16,
                1,
                0);
    }

    @Override
    protected void begin(OneInputStreamOperatorTestHarness<KafkaRecord, Numbered> harness)
            throws Exception {
        for (int i = 0; i < 5; i++) {
            harness.processElement(record(i % 2, i));
        }
    }

    @Override
    protected void goOn(OneInputStreamOperatorTestHarness<KafkaRecord, Numbered> harness)
            throws Exception {
        for (int i = 5; i < 9; i++) {
            harness.processElement(record(i % 3, i));
        }
    }

    @Override
    protected Map<String, String> states() {
        return Map.of("lockstep-numbers", "Count");
    }

    @Override
    protected List<String> outputs(
            OneInputStreamOperatorTestHarness<KafkaRecord, Numbered> harness) {
        return harness.extractOutputValues().stream()
                .map(p -> p.partition() + ": " + p.number() + " " + p.image().imageId())
                .toList();
    }

    private static StreamRecord<KafkaRecord> record(int partition, int i) {
        return new StreamRecord<>(
                new KafkaRecord(
                        "t",
                        partition,
                        i,
                        0,
                        null,
                        TestModels.imageRecord(i, "s"),
                        new String[0],
                        new byte[0][]));
    }
}
