package io.ebmstream.job.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.density.EnergyMonitor;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmExample;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.DensityReading;
import java.util.ArrayList;
import java.util.Comparator;
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
    private static final DriftConfig DRIFT = new DriftConfig(50, 0.35, 100_000, 50);

    @Test
    void aShiftRaisesOneAlarmAndNoShiftNone() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int i = 0; i < 400; i++) {
                harness.processElement(new StreamRecord<>(point("calm", i, 1, energy(i))));
                double shift = i < 300 ? 0 : 3;
                harness.processElement(
                        new StreamRecord<>(point("changing", i, 1, energy(i) + shift)));
            }
            List<Alarm> alarms = alarms(harness);
            assertThat(alarms).hasSize(1);
            Alarm alarm = alarms.get(0);
            assertThat(alarm.getStreamId()).isEqualTo("changing");
            assertThat(alarm.getKind()).isEqualTo(AlarmKind.DRIFT_UP);
            assertThat(alarm.getEventTime()).isBetween(300L, 360L);
            assertThat(alarm.getImageId()).isEqualTo("image-" + alarm.getEventTime());
            assertThat(alarm.getWindowStart()).isBetween(250L, 315L);
            assertThat(alarm.getWindowEnd()).isEqualTo(alarm.getEventTime());
            assertThat(alarm.getWindowCount())
                    .isEqualTo(alarm.getWindowEnd() - alarm.getWindowStart() + 1);
            assertThat(alarm.getStatistic()).isGreaterThan(alarm.getThreshold());
            assertThat(alarm.getPValue()).isBetween(0.0, 0.01);
            assertThat(alarm.getRunLength()).isEqualTo(100_000);
            assertThat(alarm.getExamples())
                    .hasSize(RecentImages.EXAMPLES)
                    .allSatisfy(
                            example -> {
                                assertThat(example.getEventTime())
                                        .isBetween(alarm.getEventTime() - 15, alarm.getEventTime());
                                assertThat(example.getImageId())
                                        .isEqualTo("image-" + example.getEventTime());
                                assertThat(example.getEnergy())
                                        .isEqualTo(energy((int) example.getEventTime()) + 3);
                                assertThat(example.getCalibratedEnergy()).isNull();
                            });
            assertThat(readings(harness)).hasSize(800);
        }
    }

    /** Every 40 images a version whose energies lie elsewhere, on another scale. */
    @Test
    void versionsRaiseNoAlarmByThemselvesAndDoNotHideADrift() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int i = 0; i < 2_000; i++) {
                long version = 1 + i / 40;
                double anchors = 1_000 * version;
                EnergyCalibration scale = new EnergyCalibration(anchors, version);
                double energy = anchors + version * (energy(i) - 10 - (i < 1_500 ? 0 : 1.5));
                harness.processElement(
                        new StreamRecord<>(
                                new EnergyPoint(
                                        "image-" + i,
                                        "a",
                                        i,
                                        new ModelVersion(0, version),
                                        energy,
                                        scale.calibrate(energy),
                                        1.5)));
            }
            List<Alarm> alarms = alarms(harness);
            assertThat(alarms).hasSize(1);
            assertThat(alarms.get(0).getKind()).isEqualTo(AlarmKind.DRIFT_DOWN);
            assertThat(alarms.get(0).getEventTime()).isBetween(1_500L, 1_600L);
            assertThat(alarms.get(0).getExamples())
                    .isSortedAccordingTo(
                            Comparator.comparingDouble(AlarmExample::getCalibratedEnergy));
            assertThat(alarms.get(0).getExamples().get(0).getCalibratedEnergy()).isLessThan(-1.5);
            DensityReading reading = readings(harness).get(1_000);
            assertThat(reading.getCalibratedEnergy()).isCloseTo(energy(1_000) - 10, within(1e-9));
            assertThat(reading.getChainGap()).isEqualTo(1.5);
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
        return new EnergyPoint(
                "image-" + i, stream, i, new ModelVersion(0, version), energy, null, null);
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
