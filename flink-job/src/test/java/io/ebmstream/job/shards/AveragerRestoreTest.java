package io.ebmstream.job.shards;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.state.Bits;
import io.ebmstream.job.state.RestoreContract;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** An averager with one round done and one of two parts of the next. */
class AveragerRestoreTest
        extends RestoreContract<
                KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average>> {
    AveragerRestoreTest() {
        super("averager", 2);
    }

    @Override
    protected KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new AveragerOperatorFactory(2), Contribution::model, Types.STRING, 16, 1, 0);
    }

    @Override
    protected void begin(
            KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> harness)
            throws Exception {
        harness.processElement(new StreamRecord<>(Parts.part(1, 1)));
        harness.processElement(new StreamRecord<>(Parts.part(0, 1)));
        harness.processElement(new StreamRecord<>(Parts.part(1, 2)));
    }

    @Override
    protected void goOn(
            KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> harness)
            throws Exception {
        harness.processElement(new StreamRecord<>(Parts.part(0, 2)));
    }

    @Override
    protected Map<String, String> states() {
        return Map.of(
                "averager-parts", "IntSerializer to Contribution", "averager-last", "Average");
    }

    @Override
    protected List<String> outputs(
            KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> harness) {
        return harness.extractOutputValues().stream()
                .map(
                        average ->
                                String.join(
                                        " ",
                                        average.version() + " of " + average.parent(),
                                        "weights " + Bits.of(average.weights()),
                                        "average " + Bits.of(average.average()),
                                        "moments " + Bits.of(average.moments()),
                                        "first " + FloatBytes.toFloats(average.weights())[0],
                                        new TreeMap<>(average.offsets()).toString(),
                                        new TreeMap<>(average.contributions()).toString()))
                .toList();
    }
}
