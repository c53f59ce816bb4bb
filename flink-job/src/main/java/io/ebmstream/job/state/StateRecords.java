package io.ebmstream.job.state;

import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;

/** Serializers for the records that operators keep in state; see {@link RecordSerializer}. */
public final class StateRecords {
    private StateRecords() {}

    /**
     * The serializer of a type of records, for a state's descriptor.
     *
     * @param type a record whose fields Flink has serializers of its own for
     * @throws IllegalArgumentException if Flink would serialise it with Kryo
     */
    public static <T> TypeSerializer<T> of(Class<T> type) {
        TypeInformation<T> information = TypeInformation.of(type);
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        try {
            if (information instanceof PojoTypeInfo) {
                return new RecordSerializer<>(
                        type.getSimpleName(), information.createSerializer(config));
            }
        } catch (UnsupportedOperationException e) {
            throw refusal(type, information, e);
        }
        throw refusal(type, information, null);
    }

    private static IllegalArgumentException refusal(
            Class<?> type, TypeInformation<?> information, Exception cause) {
        return new IllegalArgumentException(
                "expected a record that Flink has serializers for, found "
                        + type.getName()
                        + " ("
                        + information
                        + "); give its fields types that need no Kryo",
                cause);
    }
}
