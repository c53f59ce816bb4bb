package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** What {@code ebm watch} shows: a topic and its records in words. */
enum WatchKind {
    PURIFIED(Topics.PURIFIED, WireFormat.PURIFIED, r -> purified((PurifiedImage) r)),
    DENSITY(Topics.DENSITY, WireFormat.DENSITY, r -> density((DensityReading) r)),
    SNAPSHOTS(Topics.SNAPSHOTS, WireFormat.SNAPSHOT_MANIFEST, r -> snapshot((SnapshotManifest) r)),
    ALARMS(Topics.ALARMS, WireFormat.ALARM, r -> alarm((Alarm) r)),
    DLQ(Topics.IMAGES_DLQ, null, null),
    DIAGNOSTICS(
            Topics.DIAGNOSTICS, WireFormat.DIAGNOSTICS, r -> diagnostics((LearnerDiagnostics) r)),
    EVENTS(Topics.EVENTS, WireFormat.EVENT, r -> event((ControlEvent) r));

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String topic;
    private final WireFormat<? extends SpecificRecordBase> format;
    private final Function<SpecificRecordBase, String> words;

    WatchKind(
            String topic,
            WireFormat<? extends SpecificRecordBase> format,
            Function<SpecificRecordBase, String> words) {
        this.topic = topic;
        this.format = format;
        this.words = words;
    }

    /** Usual name of the topic. */
    String topic() {
        return topic;
    }

    /** A record in one line. */
    String line(ConsumerRecord<byte[], byte[]> record) {
        if (this == DLQ) {
            return place(record)
                    + " "
                    + header(record, Headers.STAGE)
                    + ": "
                    + header(record, Headers.MESSAGE)
                    + " (from "
                    + header(record, Headers.TOPIC)
                    + "-"
                    + header(record, Headers.PARTITION)
                    + "@"
                    + header(record, Headers.OFFSET)
                    + ", "
                    + (record.value() == null ? 0 : record.value().length)
                    + " bytes)";
        }
        try {
            return words.apply(format.decode(record.value()));
        } catch (WireFormatException e) {
            return place(record) + " cannot be read: " + e.getMessage();
        }
    }

    /** A record as one line of JSON. */
    String json(ConsumerRecord<byte[], byte[]> record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (this == DLQ) {
            for (Header header : record.headers()) {
                fields.put(
                        header.key(),
                        header.value() == null
                                ? null
                                : new String(header.value(), StandardCharsets.UTF_8));
            }
            fields.put("value", record.value());
        } else {
            try {
                fields = fields(format.decode(record.value()));
            } catch (WireFormatException e) {
                fields.put("error", e.getMessage());
            }
        }
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("record at " + place(record) + " as JSON", e);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static String version(ModelVersion v) {
        return v.getEpoch() + "." + v.getCounter();
    }

    private static String purified(PurifiedImage p) {
        return String.format(
                "%s/%s  version %s  U/T %.1f -> %.1f  moved %.2f  K %d",
                p.getStreamId(),
                p.getImageId(),
                version(p.getModelVersion()),
                p.getEnergyBefore(),
                p.getEnergyAfter(),
                p.getDisplacement(),
                p.getSteps());
    }

    private static String density(DensityReading d) {
        return String.format(
                "%s/%s  version %s  U/T %.1f  rank %.3f  z %+.2f  of %d",
                d.getStreamId(),
                d.getImageId(),
                version(d.getModelVersion()),
                d.getEnergy(),
                d.getRank(),
                d.getZScore(),
                d.getWindowCount());
    }

    private static String snapshot(SnapshotManifest m) {
        return String.format(
                "%s %s  %d updates  %,d images  %,d bytes in %d chunks  sha-256 %.12s..",
                m.getModel(),
                version(m.getVersion()),
                m.getProvenance().getUpdateCount(),
                m.getProvenance().getImagesSeen(),
                m.getTotalBytes(),
                m.getChunkCount(),
                m.getSha256());
    }

    private static String alarm(Alarm a) {
        return String.format(
                "%s  %s  version %s  statistic %.2f  %s",
                a.getStreamId(),
                a.getKind(),
                version(a.getModelVersion()),
                a.getStatistic(),
                a.getMessage());
    }

    static String event(ControlEvent e) {
        String version = version(e.getVersionBefore());
        return String.format(
                "%s %s%s  version %s%s  update %d%s",
                e.getModel(),
                e.getKind().name().toLowerCase(Locale.ROOT),
                e.getCommandKind() == null
                        ? ""
                        : "  "
                                + e.getCommandKind().name().toLowerCase(Locale.ROOT)
                                + " "
                                + e.getCommandId(),
                version,
                e.getVersionAfter().equals(e.getVersionBefore())
                        ? ""
                        : " -> " + version(e.getVersionAfter()),
                e.getUpdate(),
                e.getMessage().isEmpty() ? "" : "  " + e.getMessage());
    }

    private static String diagnostics(LearnerDiagnostics d) {
        return String.format(
                "%s update %d  d %+.1f  r %.4f  rho %.3f  %.0f img-steps/s%s",
                d.getModel(),
                d.getUpdate(),
                d.getEnergyDifference(),
                d.getGradientMagnitude(),
                d.getRho(),
                d.getImgStepsPerSecond(),
                d.getModelVersion() == null ? "" : "  published " + version(d.getModelVersion()));
    }

    private static String place(ConsumerRecord<byte[], byte[]> r) {
        return r.topic() + "-" + r.partition() + "@" + r.offset();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? "?"
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Map<String, Object> fields(IndexedRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            fields.put(field.name(), value(record.get(field.pos())));
        }
        return fields;
    }

    private static Object value(Object value) {
        if (value instanceof IndexedRecord r) {
            return fields(r);
        }
        if (value instanceof ByteBuffer b) {
            byte[] bytes = new byte[b.remaining()];
            b.duplicate().get(bytes);
            return bytes;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(WatchKind::value).toList();
        }
        return value instanceof Enum<?> e ? e.name() : value;
    }
}
