package io.ebmstream.job.state;

import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes a record of the job as a piece of state: under a header with a version, its name and a
 * checksum, so that damaged or mixed-up bytes are an error and never another record.
 *
 * <pre>
 * int32    length of what follows, big-endian
 * EBMS     header of kind JOB_RECORD
 * uint8[n] name of the record, UTF-8
 * uint8[m] its fields as Flink's own serializer of the record writes them
 * int32    CRC32C of everything from EBMS
 * </pre>
 *
 * <p>Fields may be added to a record and taken away: Flink keeps the names and types that state was
 * written with beside it and moves it to those of today ({@link RecordSerializerSnapshot}). State
 * of the first release had the fields without anything around them; it is read, too.
 *
 * <p>Not thread-safe, as all of Flink's serializers; {@link #duplicate} gives another.
 *
 * @param <T> the record
 */
public final class RecordSerializer<T> extends TypeSerializer<T> {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final TypeSerializer<T> fields;

    RecordSerializer(String name, TypeSerializer<T> fields) {
        this.name = name;
        this.fields = fields;
    }

    String name() {
        return name;
    }

    TypeSerializer<T> fields() {
        return fields;
    }

    @Override
    public void serialize(T record, DataOutputView target) throws IOException {
        byte[] bytes = toBytes(record);
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    @Override
    public T deserialize(DataInputView source) throws IOException {
        return fromBytes(read(source));
    }

    /** The record from its header to its checksum. */
    byte[] toBytes(T record) throws IOException {
        DataOutputSerializer content = new DataOutputSerializer(256);
        fields.serialize(record, content);
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] values = content.getCopyOfBuffer();
        return new StateWriter(StateKind.JOB_RECORD, text.length + values.length + 16)
                .putBytes(text, text.length)
                .putBytes(values, values.length)
                .toBytes();
    }

    /**
     * @throws IOException if the bytes are damaged, or another record's
     */
    T fromBytes(byte[] bytes) throws IOException {
        try {
            StateReader reader = new StateReader(StateKind.JOB_RECORD, bytes);
            String found = new String(reader.nextByteRow(), StandardCharsets.UTF_8);
            if (!found.equals(name)) {
                throw new IllegalArgumentException(
                        "expected a " + name + ", found a " + found + "; state was mixed up");
            }
            DataInputDeserializer content = new DataInputDeserializer(reader.nextByteRow());
            reader.end();
            T record = fields.deserialize(content);
            if (content.available() > 0) {
                throw new IllegalArgumentException(
                        "expected the end of a "
                                + name
                                + ", found "
                                + content.available()
                                + " more bytes");
            }
            return record;
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot read a " + name + " in state: " + e.getMessage(), e);
        }
    }

    private byte[] read(DataInputView source) throws IOException {
        int length = source.readInt();
        if (length < 0) {
            throw new IOException(
                    "cannot read a " + name + " in state: expected a length, found " + length);
        }
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        return bytes;
    }

    @Override
    public T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        byte[] bytes = read(source);
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    @Override
    public T copy(T from) {
        return fields.copy(from);
    }

    @Override
    public T copy(T from, T reuse) {
        return fields.copy(from);
    }

    @Override
    public T createInstance() {
        return fields.createInstance();
    }

    @Override
    public boolean isImmutableType() {
        return fields.isImmutableType();
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public TypeSerializer<T> duplicate() {
        return new RecordSerializer<>(name, fields.duplicate());
    }

    @Override
    public TypeSerializerSnapshot<T> snapshotConfiguration() {
        return new RecordSerializerSnapshot<>(name, fields.snapshotConfiguration());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordSerializer<?> that
                && name.equals(that.name)
                && fields.equals(that.fields);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + fields.hashCode();
    }
}
