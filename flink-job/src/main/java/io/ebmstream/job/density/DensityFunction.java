package io.ebmstream.job.density;

import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.ops.density.DriftAlarm;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.density.DriftDetector;
import io.ebmstream.ops.density.EnergyMonitor;
import io.ebmstream.ops.density.EnergyReading;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.DensityReading;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Watches the energies of one stream: for every image its rank and z-score among the stream's
 * images under the same model version, and an alarm when z-scores drift.
 *
 * <p>Energies of different versions are not comparable; z-scores nearly are, so the drift detector
 * goes on across versions. It sees a z-score only once the version's window says something ({@link
 * EnergyMonitor#MIN_COUNT}).
 */
public final class DensityFunction
        extends KeyedProcessFunction<String, EnergyPoint, OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    /** Drift alarms. */
    public static final OutputTag<OutgoingRecord> ALARMS =
            new OutputTag<>("alarms", TypeInformation.of(OutgoingRecord.class));

    /** Versions whose windows are kept: images of the one before may still be in flight. */
    static final int VERSIONS = 2;

    private final String model;
    private final int reference;
    private final double slack;
    private final double threshold;
    private final int coolDown;
    private final String readingTopic;
    private final String alarmTopic;

    private transient MapState<ModelVersion, byte[]> windows;
    private transient ValueState<byte[]> drift;
    private transient ValueState<Long> driftStart;
    private transient Counter readings;
    private transient Counter alarms;

    /**
     * @param model name of the model
     * @param config how a drift is told from chance
     * @param readingTopic topic of readings
     * @param alarmTopic topic of alarms
     */
    public DensityFunction(
            String model, DriftConfig config, String readingTopic, String alarmTopic) {
        this.model = model;
        this.reference = config.reference();
        this.slack = config.slack();
        this.threshold = config.threshold();
        this.coolDown = config.coolDown();
        this.readingTopic = readingTopic;
        this.alarmTopic = alarmTopic;
    }

    @Override
    public void open(OpenContext context) {
        PrimitiveArrayTypeInfo<byte[]> bytes =
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
        windows =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "energy-windows",
                                        TypeInformation.of(ModelVersion.class),
                                        bytes));
        drift = getRuntimeContext().getState(new ValueStateDescriptor<>("drift", bytes));
        driftStart =
                getRuntimeContext().getState(new ValueStateDescriptor<>("drift-start", Types.LONG));
        readings = EbmMetrics.counter(EbmMetrics.group(getRuntimeContext()), EbmMetrics.READINGS);
        alarms = EbmMetrics.counter(EbmMetrics.group(getRuntimeContext()), EbmMetrics.ALARMS);
    }

    @Override
    public void processElement(EnergyPoint point, Context context, Collector<OutgoingRecord> out)
            throws Exception {
        EnergyMonitor window = window(point.version());
        EnergyReading reading = window.observe(point.energy());
        windows.put(point.version(), window.toBytes());
        readings.inc();
        out.collect(encode(point, reading));
        if (reading.count() > EnergyMonitor.MIN_COUNT) {
            watch(point, reading, context);
        }
    }

    private EnergyMonitor window(ModelVersion version) throws Exception {
        byte[] saved = windows.get(version);
        if (saved != null) {
            return EnergyMonitor.fromBytes(saved);
        }
        List<ModelVersion> known = new ArrayList<>();
        windows.keys().forEach(known::add);
        known.sort(null);
        for (int i = 0; i <= known.size() - VERSIONS; i++) {
            windows.remove(known.get(i));
        }
        return new EnergyMonitor();
    }

    private void watch(EnergyPoint point, EnergyReading reading, Context context) throws Exception {
        DriftConfig config = new DriftConfig(reference, slack, threshold, coolDown);
        DriftDetector detector =
                drift.value() == null
                        ? new DriftDetector(config)
                        : DriftDetector.fromBytes(config, drift.value());
        long start = driftStart.value() == null ? point.eventTime() : driftStart.value();
        Optional<DriftAlarm> alarm = detector.observe(reading.zScore());
        drift.update(detector.toBytes());
        if (alarm.isPresent()) {
            alarms.inc();
            context.output(ALARMS, encode(point, start, alarm.get()));
            driftStart.clear();
        } else {
            driftStart.update(start);
        }
    }

    private OutgoingRecord encode(EnergyPoint point, EnergyReading reading) {
        DensityReading record =
                DensityReading.newBuilder()
                        .setImageId(point.imageId())
                        .setStreamId(point.streamId())
                        .setEventTime(point.eventTime())
                        .setModel(model)
                        .setModelVersion(AvroVersions.of(point.version()))
                        .setEnergy(reading.energy())
                        .setRank(reading.rank())
                        .setZScore(reading.zScore())
                        .setWindowCount(reading.count())
                        .build();
        return OutgoingRecord.of(readingTopic, key(point), WireFormat.DENSITY.encode(record));
    }

    private OutgoingRecord encode(EnergyPoint point, long start, DriftAlarm alarm) {
        AlarmKind kind = alarm.up() ? AlarmKind.DRIFT_UP : AlarmKind.DRIFT_DOWN;
        Alarm record =
                Alarm.newBuilder()
                        .setAlarmId(
                                String.join(
                                        "/", model, point.streamId(), kind.name(), point.imageId()))
                        .setStreamId(point.streamId())
                        .setKind(kind)
                        .setEventTime(point.eventTime())
                        .setModel(model)
                        .setModelVersion(AvroVersions.of(point.version()))
                        .setWindowStart(Math.min(start, point.eventTime()))
                        .setWindowEnd(point.eventTime())
                        .setStatistic(alarm.statistic())
                        .setMessage(
                                String.format(
                                        "stream %s: expected energies around their reference, found"
                                                + " them %s for about %d images (cumulative sum %.1f"
                                                + " standard deviations, threshold %.1f); look at the"
                                                + " stream's images",
                                        point.streamId(),
                                        alarm.up() ? "higher" : "lower",
                                        alarm.length(),
                                        alarm.statistic(),
                                        threshold))
                        .build();
        return OutgoingRecord.of(alarmTopic, key(point), WireFormat.ALARM.encode(record));
    }

    private static byte[] key(EnergyPoint point) {
        return point.streamId().getBytes(StandardCharsets.UTF_8);
    }
}
