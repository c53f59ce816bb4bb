package io.ebmstream.job.state;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a savepoint says about how its records are written: their name, and Flink's own description
 * of the fields. State of the same record is moved to the fields of today, also where it was
 * written without a {@link RecordSerializer} around it.
 *
 * @param <T> the record
 */
public final class RecordSerializerSnapshot<T> implements TypeSerializerSnapshot<T> {
    private static final int VERSION = 1;

    private String name;
    private TypeSerializerSnapshot<T> fields;

    /** For Flink, which reads the rest. */
    public RecordSerializerSnapshot() {}

    RecordSerializerSnapshot(String name, TypeSerializerSnapshot<T> fields) {
        this.name = name;
        this.fields = fields;
    }

    @Override
    public int getCurrentVersion() {
        return VERSION;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
        out.writeUTF(name);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, fields);
    }

    @Override
    public void readSnapshot(int version, DataInputView in, ClassLoader loader) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "expected a description of records of version "
                            + VERSION
                            + ", found version "
                            + version
                            + "; run the release that wrote the state or a newer one");
        }
        name = in.readUTF();
        fields = TypeSerializerSnapshot.readVersionedSnapshot(in, loader);
    }

    @Override
    public TypeSerializer<T> restoreSerializer() {
        return new RecordSerializer<>(name, fields.restoreSerializer());
    }

    @Override
    public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
            TypeSerializerSnapshot<T> old) {
        boolean bare = !(old instanceof RecordSerializerSnapshot);
        TypeSerializerSnapshot<T> then = bare ? old : ((RecordSerializerSnapshot<T>) old).fields;
        TypeSerializerSchemaCompatibility<T> found = fields.resolveSchemaCompatibility(then);
        if (found.isIncompatible()
                || !bare && !name.equals(((RecordSerializerSnapshot<T>) old).name)) {
            return TypeSerializerSchemaCompatibility.incompatible();
        }
        if (bare || found.isCompatibleAfterMigration()) {
            return TypeSerializerSchemaCompatibility.compatibleAfterMigration();
        }
        return found.isCompatibleWithReconfiguredSerializer()
                ? TypeSerializerSchemaCompatibility.compatibleWithReconfiguredSerializer(
                        new RecordSerializer<>(name, found.getReconfiguredSerializer()))
                : TypeSerializerSchemaCompatibility.compatibleAsIs();
    }
}
