package io.ebmstream.job.density;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.density.EnergyMonitor;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.DensityReading;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

// the harness's close() throws Exception
@SuppressWarnings("try")
class DensityFunctionTest {
    private static final DriftConfig DRIFT = new DriftConfig(50, 0.5, 12, 50);

    @Test
    void aShiftRaisesOneAlarmAndNoShiftNone() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int i = 0; i < 300; i++) {
                harness.processElement(new StreamRecord<>(point("calm", i, 1, energy(i))));
                double shift = i < 200 ? 0 : 3;
                harness.processElement(
                        new StreamRecord<>(point("changing", i, 1, energy(i) + shift)));
            }
            List<Alarm> alarms = alarms(harness);
            assertThat(alarms).hasSize(1);
            Alarm alarm = alarms.get(0);
            assertThat(alarm.getStreamId()).isEqualTo("changing");
            assertThat(alarm.getKind()).isEqualTo(AlarmKind.DRIFT_UP);
            assertThat(alarm.getEventTime()).isBetween(200L, 230L);
            assertThat(alarm.getWindowStart()).isLessThan(200L);
            assertThat(alarm.getWindowEnd()).isEqualTo(alarm.getEventTime());
            assertThat(alarm.getStatistic()).isGreaterThan(12);
            assertThat(readings(harness)).hasSize(600);
        }
    }

    @Test
    void readingsReferToTheStreamAndVersion() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int i = 0; i < 40; i++) {
                harness.processElement(new StreamRecord<>(point("a", i, 1, energy(i))));
            }
            // another version, ten times the energies: a window of its own
            harness.processElement(new StreamRecord<>(point("a", 40, 2, 1_000)));
            harness.processElement(new StreamRecord<>(point("a", 41, 1, energy(41))));
            harness.processElement(new StreamRecord<>(point("b", 42, 1, energy(42))));
            List<DensityReading> readings = readings(harness);
            assertThat(readings.get(40).getWindowCount()).isEqualTo(1);
            assertThat(readings.get(41).getWindowCount()).isEqualTo(41);
            assertThat(readings.get(41).getZScore()).isBetween(-4.0, 4.0);
            assertThat(readings.get(42).getWindowCount()).isEqualTo(1);
            assertThat(readings.get(39).getRank()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void aRestoredMonitorGoesOnBitForBit() throws Exception {
        List<DensityReading> whole = new ArrayList<>();
        try (var harness = harness()) {
            harness.open();
            feed(harness, 0, 400);
            whole.addAll(readings(harness));
        }
        List<DensityReading> parts = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (var harness = harness()) {
            harness.open();
            feed(harness, 0, 150);
            snapshot = harness.snapshot(1, 1);
            parts.addAll(readings(harness));
        }
        try (var harness = harness()) {
            harness.initializeState(snapshot);
            harness.open();
            feed(harness, 150, 400);
            parts.addAll(readings(harness));
        }
        assertThat(parts).isEqualTo(whole);
    }

    @Test
    void keepsTheWindowsOfAFewVersionsOnly() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int version = 1; version <= 20; version++) {
                for (int i = 0; i < EnergyMonitor.MIN_COUNT + 5; i++) {
                    harness.processElement(
                            new StreamRecord<>(point("a", 100 * version + i, version, energy(i))));
                }
            }
            // windows of two versions, the detector, its start
            assertThat(harness.numKeyedStateEntries()).isLessThanOrEqualTo(4);
        }
    }

    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness,
            int from,
            int to)
            throws Exception {
        for (int i = from; i < to; i++) {
            harness.processElement(
                    new StreamRecord<>(point("s" + i % 2, i, 1 + i / 120, energy(i))));
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord>
            harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(
                        new DensityFunction("default", DRIFT, "readings", "alarms")),
                EnergyPoint::streamId,
                Types.STRING);
    }

    private static EnergyPoint point(String stream, int i, long version, double energy) {
        return new EnergyPoint("image-" + i, stream, i, new ModelVersion(0, version), energy);
    }

    /** Around 10 with standard deviation 1: a sum of twelve uniform numbers. */
    private static double energy(int i) {
        double sum = 0;
        for (int j = 0; j < 12; j++) {
            sum += (Threefry.block(i, j) >>> 11) * 0x1p-53;
        }
        return 4 + sum;
    }

    private static List<DensityReading> readings(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness)
            throws Exception {
        List<DensityReading> readings = new ArrayList<>();
        for (OutgoingRecord record : harness.extractOutputValues()) {
            assertThat(record.topic()).isEqualTo("readings");
            readings.add(WireFormat.DENSITY.decode(record.value()));
        }
        return readings;
    }

    private static List<Alarm> alarms(
            KeyedOneInputStreamOperatorTestHarness<String, EnergyPoint, OutgoingRecord> harness)
            throws Exception {
        Queue<StreamRecord<OutgoingRecord>> records = harness.getSideOutput(DensityFunction.ALARMS);
        List<Alarm> alarms = new ArrayList<>();
        for (StreamRecord<OutgoingRecord> record : records) {
            assertThat(record.getValue().topic()).isEqualTo("alarms");
            alarms.add(WireFormat.ALARM.decode(record.getValue().value()));
        }
        return alarms;
    }
}
