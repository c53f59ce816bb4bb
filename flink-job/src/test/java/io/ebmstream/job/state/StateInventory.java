package io.ebmstream.job.state;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** What a savepoint holds, and what writes it. */
final class StateInventory {
    private StateInventory() {}

    /** The states of an operator by name, each with its serializers. */
    static Map<String, String> of(OperatorSubtaskState state) throws IOException {
        Map<String, String> states = new TreeMap<>();
        ClassLoader loader = StateInventory.class.getClassLoader();
        for (KeyedStateHandle handle : state.getManagedKeyedState()) {
            KeyedBackendSerializationProxy<Object> proxy =
                    new KeyedBackendSerializationProxy<>(loader);
            try (FSDataInputStream in = ((KeyGroupsStateHandle) handle).openInputStream()) {
                proxy.read(new DataInputViewStreamWrapper(in));
            }
            proxy.getStateMetaInfoSnapshots().forEach(info -> add(states, info));
        }
        for (OperatorStateHandle handle : state.getManagedOperatorState()) {
            OperatorBackendSerializationProxy proxy = new OperatorBackendSerializationProxy(loader);
            try (FSDataInputStream in = handle.openInputStream()) {
                proxy.read(new DataInputViewStreamWrapper(in));
            }
            proxy.getOperatorStateMetaInfoSnapshots().forEach(info -> add(states, info));
            proxy.getBroadcastStateMetaInfoSnapshots().forEach(info -> add(states, info));
        }
        return states;
    }

    private static void add(Map<String, String> states, StateMetaInfoSnapshot info) {
        TreeMap<String, String> serializers = new TreeMap<>();
        info.getSerializerSnapshotsImmutable()
                .forEach(
                        (use, snapshot) -> {
                            TypeSerializer<?> serializer = snapshot.restoreSerializer();
                            if (!(serializer instanceof VoidNamespaceSerializer)) {
                                serializers.put(use, name(serializer));
                            }
                        });
        // every process function has them, of Flink's own make
        if (!info.getName().startsWith("_timer_state/")) {
            states.put(info.getName(), String.join(" -> ", serializers.values()));
        }
    }

    private static String name(TypeSerializer<?> serializer) {
        if (serializer instanceof ListSerializer<?> list) {
            return "list of " + name(list.getElementSerializer());
        }
        if (serializer instanceof MapSerializer<?, ?> map) {
            return name(map.getKeySerializer()) + " to " + name(map.getValueSerializer());
        }
        if (serializer instanceof RecordSerializer<?> record) {
            return record.name();
        }
        return serializer.getClass().getSimpleName();
    }
}
