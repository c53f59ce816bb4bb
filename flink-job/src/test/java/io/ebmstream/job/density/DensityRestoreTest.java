package io.ebmstream.job.density;

import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.state.Bits;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.DensityReading;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** Windows of two versions for each of two streams; that of calibrated energies is to drift. */
class DensityRestoreTest
        extends RestoreContract<
                KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord>> {
    private static final DriftConfig DRIFT = new DriftConfig(50, 0.35, 2_000, 50);

    DensityRestoreTest() {
        super("density", 1, 2, 3);
    }

    @Override
    protected KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(
                        new DensityFunction("default", DRIFT, "readings", "alarms")),
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
                "drift-images", "RecentImages");
    }

    /**
     * The detector of the first release compared single readings; its state is read, and detection
     * begins anew. What it says of single images must stay.
     */
    @Override
    protected List<String> comparable(int version, List<String> lines) {
        return version > 2
                ? lines
                : lines.stream().filter(line -> line.startsWith("readings ")).toList();
    }

    @Override
    protected List<String> outputs(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness)
            throws Exception {
        List<String> lines = new ArrayList<>();
        for (OutgoingRecord record : harness.extractOutputValues()) {
            lines.add(record.topic() + " " + Bits.of(asFirstReleased(record.value())));
            lines.add(record.topic() + "-2 " + Bits.of(record.value()));
        }
        Queue<StreamRecord<OutgoingRecord>> alarms = harness.getSideOutput(DensityFunction.ALARMS);
        if (alarms != null) {
            alarms.forEach(record -> lines.add(line(record.getValue())));
        }
        return lines;
    }

    private static String line(OutgoingRecord record) {
        return record.topic() + "-2 " + Bits.of(record.value());
    }

    /** The bytes of a reading with the fields of its first version. */
    private static byte[] asFirstReleased(byte[] value) throws Exception {
        Schema first;
        try (InputStream in =
                WireFormat.class.getResourceAsStream("released/DensityReading-v1.avsc")) {
            first = new Schema.Parser().parse(in);
        }
        DensityReading reading = WireFormat.DENSITY.decode(value);
        GenericRecord record = new GenericData.Record(first);
        first.getFields().forEach(field -> record.put(field.name(), reading.get(field.name())));
        ByteBuffer bytes =
                new BinaryMessageEncoder<GenericRecord>(GenericData.get(), first).encode(record);
        return Arrays.copyOfRange(bytes.array(), bytes.position(), bytes.limit());
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
                                    uniform + shift,
                                    i % 2 == 1 ? 3 * (uniform + shift) : null,
                                    null)));
        }
    }
}
