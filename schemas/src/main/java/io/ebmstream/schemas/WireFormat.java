package io.ebmstream.schemas;

import io.ebmstream.schemas.WireFormatException.Reason;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.ImageRecord;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Records to bytes and back, in Avro's single-object encoding: the bytes C3 01, the schema's 8-byte
 * CRC-64-AVRO fingerprint (little-endian), the record in Avro binary. No registry is needed: a
 * format knows all released versions of its record and reads any of them as the current one.
 *
 * <p>Decoding trusts nothing. It allocates in proportion to the bytes given, at most {@link
 * #maxBytes()}, and {@link WireFormatException} is its only error.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Avro
 *     specification, single-object encoding</a>
 * @param <T> the record's generated class
 */
public final class WireFormat<T extends SpecificRecordBase> {
    /** Limit of a format that states no other: 16 MiB. */
    public static final int DEFAULT_MAX_BYTES = 16 << 20;

    /** Images in. 1 MB of image and room for the other fields, a latent vector among them. */
    public static final WireFormat<ImageRecord> IMAGE = of(ImageRecord.class, 2 << 20);

    /** Purified images out. */
    public static final WireFormat<PurifiedImage> PURIFIED = of(PurifiedImage.class);

    /** Density readings out. */
    public static final WireFormat<DensityReading> DENSITY = of(DensityReading.class);

    /** Alarms out. */
    public static final WireFormat<Alarm> ALARM = of(Alarm.class);

    /** Learner diagnostics out. */
    public static final WireFormat<LearnerDiagnostics> DIAGNOSTICS = of(LearnerDiagnostics.class);

    /** Snapshot manifests. */
    public static final WireFormat<SnapshotManifest> SNAPSHOT_MANIFEST = of(SnapshotManifest.class);

    /** Snapshot chunks. */
    public static final WireFormat<SnapshotChunk> SNAPSHOT_CHUNK = of(SnapshotChunk.class);

    /** Control commands in. */
    public static final WireFormat<ControlCommand> CONTROL = of(ControlCommand.class);

    /** Answers to control commands, and decisions about versions, out. */
    public static final WireFormat<ControlEvent> EVENT = of(ControlEvent.class);

    private static final int HEADER_BYTES = 10;

    private final Class<T> type;
    private final int maxBytes;
    private final Map<Long, Schema> versions = new HashMap<>();
    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageDecoder<T> decoder;

    /** A format that knows these versions and the current one. */
    WireFormat(Class<T> type, int maxBytes, List<Schema> released) {
        this.type = type;
        this.maxBytes = maxBytes;
        Schema current = SpecificData.get().getSchema(type);
        SpecificData model = new GeneratedClasses(type, current);
        for (Schema version : released) {
            versions.put(SchemaNormalization.parsingFingerprint64(version), version);
        }
        versions.put(SchemaNormalization.parsingFingerprint64(current), current);
        encoder = new BinaryMessageEncoder<>(model, current);
        decoder = new BinaryMessageDecoder<>(model, current, versions::get);
    }

    /**
     * Format of a record of this module with the default limit.
     *
     * @throws IllegalStateException if the record has no released schema
     */
    public static <T extends SpecificRecordBase> WireFormat<T> of(Class<T> type) {
        return of(type, DEFAULT_MAX_BYTES);
    }

    /**
     * Format of a record of this module.
     *
     * @param maxBytes largest number of bytes of one record, header included; above 10
     * @throws IllegalArgumentException if maxBytes is out of range
     * @throws IllegalStateException if the record has no released schema
     */
    public static <T extends SpecificRecordBase> WireFormat<T> of(Class<T> type, int maxBytes) {
        if (maxBytes <= HEADER_BYTES) {
            throw new IllegalArgumentException(
                    "expected a limit above " + HEADER_BYTES + " bytes, found " + maxBytes);
        }
        return new WireFormat<>(type, maxBytes, ReleasedSchemas.of(type.getSimpleName()));
    }

    /** The record's class. */
    public Class<T> type() {
        return type;
    }

    /** Largest number of bytes of one record, header included. */
    public int maxBytes() {
        return maxBytes;
    }

    /**
     * Bytes of a record, in the current version of its schema.
     *
     * @throws IllegalArgumentException if a field without default is not set, or the record is
     *     larger than the limit
     */
    public byte[] encode(T record) {
        ByteBuffer encoded;
        try {
            encoded = encoder.encode(record);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "expected a complete " + type.getSimpleName() + ", found: " + e.getMessage(),
                    e);
        }
        if (encoded.remaining() > maxBytes) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "expected a %s of at most %,d bytes, found %,d",
                            type.getSimpleName(),
                            maxBytes,
                            encoded.remaining()));
        }
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /**
     * The record that the bytes hold, brought to the current version of its schema.
     *
     * @param bytes from any released version; null, for example a Kafka tombstone, is an error
     * @throws WireFormatException if the bytes are anything but one whole record of this type
     */
    public T decode(byte[] bytes) throws WireFormatException {
        Schema writer = writerSchema(bytes);
        int end = new RecordScan(bytes, HEADER_BYTES).skip(writer, type.getSimpleName());
        if (end != bytes.length) {
            throw new WireFormatException(
                    Reason.TRAILING_BYTES,
                    String.format(
                            Locale.ROOT,
                            "expected the %s to end at byte %,d, found %,d more",
                            type.getSimpleName(),
                            end,
                            bytes.length - end));
        }
        try {
            return decoder.decode(bytes);
        } catch (IOException | RuntimeException e) {
            throw new WireFormatException(
                    Reason.MALFORMED,
                    "cannot decode a " + type.getSimpleName() + ": " + e.getMessage(),
                    e);
        }
    }

    private Schema writerSchema(byte[] bytes) throws WireFormatException {
        if (bytes == null || bytes.length == 0 || bytes.length > maxBytes) {
            throw new WireFormatException(
                    Reason.SIZE,
                    String.format(
                            Locale.ROOT,
                            "expected a %s of 1 to %,d bytes, found %s",
                            type.getSimpleName(),
                            maxBytes,
                            bytes == null
                                    ? "none"
                                    : String.format(Locale.ROOT, "%,d", bytes.length)));
        }
        if (bytes[0] != (byte) 0xc3 || bytes.length > 1 && bytes[1] != 0x01) {
            throw new WireFormatException(
                    Reason.NOT_SINGLE_OBJECT,
                    String.format(
                            Locale.ROOT,
                            "expected Avro's single-object encoding (C3 01), found %02X %s;"
                                    + " write with WireFormat.encode or BinaryMessageEncoder",
                            bytes[0],
                            bytes.length > 1 ? String.format(Locale.ROOT, "%02X", bytes[1]) : ""));
        }
        if (bytes.length < HEADER_BYTES) {
            throw new WireFormatException(
                    Reason.TRUNCATED,
                    "expected a header of "
                            + HEADER_BYTES
                            + " bytes, found "
                            + bytes.length
                            + " bytes in all");
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        Schema writer = versions.get(fingerprint);
        if (writer == null) {
            throw new WireFormatException(
                    Reason.UNKNOWN_SCHEMA,
                    String.format(
                            Locale.ROOT,
                            "expected one of the %d known schemas of %s, found fingerprint %016x;"
                                    + " is this the right topic, and this reader new enough?",
                            versions.size(),
                            type.getSimpleName(),
                            fingerprint));
        }
        return writer;
    }
}
