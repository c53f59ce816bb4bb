package io.ebmstream.job.density;

import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.state.Bits;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** Windows of two versions for each of two streams, one of which is about to drift. */
class DensityRestoreTest
        extends RestoreContract<
                KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord>> {
    DensityRestoreTest() {
        super("density", 1, 2);
    }

    @Override
    protected KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(
                        new DensityFunction(
                                "default", new DriftConfig(50, 0.5, 12, 50), "readings", "alarms")),
                EnergyPoint::streamId,
                Types.STRING,
                16,
                1,
                0);
    }

    @Override
    protected void begin(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness)
            throws Exception {
        feed(harness, 0, 260);
    }

    @Override
    protected void goOn(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness)
            throws Exception {
        feed(harness, 260, 340);
    }

    @Override
    protected Map<String, String> states() {
        return Map.of(
                "energy-windows", "PojoSerializer to BytePrimitiveArraySerializer",
                "drift", "BytePrimitiveArraySerializer",
                "drift-start", "LongSerializer");
    }

    @Override
    protected List<String> outputs(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness) {
        List<String> lines = new ArrayList<>();
        harness.extractOutputValues().forEach(record -> lines.add(line(record)));
        Queue<StreamRecord<OutgoingRecord>> alarms = harness.getSideOutput(DensityFunction.ALARMS);
        if (alarms != null) {
            alarms.forEach(record -> lines.add(line(record.getValue())));
        }
        return lines;
    }

    private static String line(OutgoingRecord record) {
        return record.topic() + " " + Bits.of(record.value());
    }

    /** Of two versions in turn; stream s1 drifts from image 255. */
    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness,
            int from,
            int to)
            throws Exception {
        for (int i = from; i < to; i++) {
            double uniform = (Threefry.block(i, 3) >>> 11) * 0x1p-53;
            double shift = i % 2 == 1 && i >= 255 ? 2 : 0;
            harness.processElement(
                    new StreamRecord<>(
                            new EnergyPoint(
                                    "image-" + i,
                                    "s" + i % 2,
                                    i,
                                    new ModelVersion(0, 1 + i / 200),
                                    uniform + shift)));
        }
    }
}
