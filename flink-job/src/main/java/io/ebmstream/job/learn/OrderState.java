package io.ebmstream.job.learn;

import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.state.StateRecords;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;

/**
 * Orders to a shard, versions kept and what its gate knows, in keyed state. A version is written
 * once, when it is first kept. The current key must be the shard's in every call.
 */
final class OrderState {
    private final ValueState<OrdersSaved> saved;
    private final ListState<ControlOrder> waiting;
    private final MapState<String, KeptModel> versions;
    private final ValueState<GateSaved> gate;

    OrderState(KeyedStateStore store) {
        saved =
                store.getState(
                        new ValueStateDescriptor<>(
                                "learner-orders", StateRecords.of(OrdersSaved.class)));
        waiting =
                store.getListState(
                        new ListStateDescriptor<>(
                                "learner-orders-waiting", StateRecords.of(ControlOrder.class)));
        versions =
                store.getMapState(
                        new MapStateDescriptor<>(
                                "learner-versions-kept",
                                StringSerializer.INSTANCE,
                                StateRecords.of(KeptModel.class)));
        gate =
                store.getState(
                        new ValueStateDescriptor<>(
                                "learner-gate", StateRecords.of(GateSaved.class)));
    }

    void write(LearnerShard shard) throws Exception {
        ShardOrders orders = shard.orders();
        saved.update(orders.saved());
        waiting.update(new ArrayList<>(orders.waiting()));
        List<String> there = new ArrayList<>();
        versions.keys().forEach(there::add);
        for (Map.Entry<ModelVersion, KeptModel> entry : orders.kept().entrySet()) {
            String name = entry.getKey().toString();
            if (!there.remove(name)) {
                versions.put(name, entry.getValue());
            }
        }
        for (String gone : there) {
            versions.remove(gone);
        }
        if (shard.gate() != null) {
            gate.update(shard.gate().saved());
        }
    }

    void read(LearnerShard shard) throws Exception {
        List<ControlOrder> found = new ArrayList<>();
        waiting.get().forEach(found::add);
        List<KeptModel> models = new ArrayList<>();
        versions.values().forEach(models::add);
        shard.orders().restore(saved.value(), found, models);
        GateSaved known = gate.value();
        if (shard.gate() != null && known != null) {
            shard.gate().restore(known);
        }
    }
}
