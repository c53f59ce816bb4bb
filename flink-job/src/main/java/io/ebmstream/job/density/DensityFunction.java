package io.ebmstream.job.density;

import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.state.StateRecords;
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
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Watches the energies of one stream: for every image its rank and z-score among the stream's
 * images under the same model version, and an alarm when energies drift.
 *
 * <p>Energies of different versions are not comparable. The detector sees them on the scale of the
 * version's anchors, the same images under every version, and so goes on across versions. Where a
 * version has no anchors (it is untrained, or was given from outside) it sees z-scores within the
 * version, once its window says something ({@link EnergyMonitor#MIN_COUNT}); it begins anew where
 * one scale follows the other.
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
    private final double runLength;
    private final int coolDown;
    private final String readingTopic;
    private final String alarmTopic;

    private transient MapState<ModelVersion, byte[]> windows;
    private transient ValueState<byte[]> drift;
    private transient ValueState<RecentImages> recent;
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
        this.runLength = config.runLength();
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
        recent =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "drift-images", StateRecords.of(RecentImages.class)));
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
        if (point.calibrated() != null) {
            watch(point, point.calibrated(), true, context);
        } else if (reading.count() > EnergyMonitor.MIN_COUNT) {
            watch(point, reading.zScore(), false, context);
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

    private void watch(EnergyPoint point, double value, boolean calibrated, Context context)
            throws Exception {
        DriftConfig config = new DriftConfig(reference, slack, runLength, coolDown);
        RecentImages images = recent.value();
        boolean goesOn =
                drift.value() != null && images != null && images.calibrated() == calibrated;
        DriftDetector detector =
                goesOn ? DriftDetector.fromBytes(config, drift.value()) : new DriftDetector(config);
        images = (goesOn ? images : RecentImages.none(calibrated)).with(point, value);
        recent.update(images);
        Optional<DriftAlarm> alarm = detector.observe(value, point.eventTime());
        drift.update(detector.toBytes());
        if (alarm.isPresent()) {
            alarms.inc();
            context.output(ALARMS, encode(point, images, alarm.get()));
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
                        .setChainGap(point.chainGap())
                        .setCalibratedEnergy(point.calibrated())
                        .build();
        return OutgoingRecord.of(readingTopic, key(point), WireFormat.DENSITY.encode(record));
    }

    private OutgoingRecord encode(EnergyPoint point, RecentImages images, DriftAlarm alarm) {
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
                        .setWindowStart(Math.min(alarm.start(), point.eventTime()))
                        .setWindowEnd(point.eventTime())
                        .setImageId(point.imageId())
                        .setWindowCount(alarm.length())
                        .setStatistic(alarm.statistic())
                        .setThreshold(alarm.threshold())
                        .setRunLength(runLength)
                        .setPValue(alarm.pValue())
                        .setExamples(images.examples(alarm.up()))
                        .setMessage(
                                String.format(
                                        Locale.ROOT,
                                        "stream %s: expected energies around their reference, found"
                                                + " them %s for about %d images (cumulative sum %.1f"
                                                + " standard deviations, threshold %.1f, p %.2g);"
                                                + " look at the stream's images",
                                        point.streamId(),
                                        alarm.up() ? "higher" : "lower",
                                        alarm.length(),
                                        alarm.statistic(),
                                        alarm.threshold(),
                                        alarm.pValue()))
                        .build();
        return OutgoingRecord.of(alarmTopic, key(point), WireFormat.ALARM.encode(record));
    }

    private static byte[] key(EnergyPoint point) {
        return point.streamId().getBytes(StandardCharsets.UTF_8);
    }
}
