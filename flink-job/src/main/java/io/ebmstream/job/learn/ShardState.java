package io.ebmstream.job.learn;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A shard in keyed state. Bank and replay buffer are maps of chunks, and only chunks that changed
 * are written, so that an incremental checkpoint holds what a few updates touched. The current key
 * must be the shard's in every call.
 */
final class ShardState {
    /** Name of the state that every shard has: what a restore looks shards up by. */
    static final String CORE = "learner-core";

    private static final TypeInformation<byte[]> BYTES =
            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

    private final ValueState<byte[]> core;
    private final ValueState<LearnerShard.Progress> progress;
    private final MapState<Integer, byte[]> bank;
    private final MapState<Integer, byte[]> replay;
    private final MapState<String, Long> offsets;
    private final ListState<ImageEvent> queue;

    ShardState(KeyedStateStore store) {
        core = store.getState(new ValueStateDescriptor<>(CORE, BYTES));
        progress =
                store.getState(
                        new ValueStateDescriptor<>(
                                "learner-progress",
                                TypeInformation.of(LearnerShard.Progress.class)));
        bank = store.getMapState(new MapStateDescriptor<>("learner-bank", Types.INT, BYTES));
        replay = store.getMapState(new MapStateDescriptor<>("learner-replay", Types.INT, BYTES));
        offsets =
                store.getMapState(
                        new MapStateDescriptor<>("learner-offsets", Types.STRING, Types.LONG));
        queue =
                store.getListState(
                        new ListStateDescriptor<>(
                                "learner-queue", TypeInformation.of(ImageEvent.class)));
    }

    /** Writes what changed since the last call. */
    void write(LearnerShard shard) throws Exception {
        MaximumLikelihoodLearner learner = shard.learner();
        if (shard.changed()) {
            core.update(learner.coreState());
        }
        for (int index : learner.dirtyBankChunks()) {
            bank.put(index, learner.bankChunk(index));
        }
        for (int index : learner.dirtyReplayChunks()) {
            replay.put(index, learner.replayChunk(index));
        }
        learner.clearDirty();
        progress.update(shard.progress());
        offsets.putAll(shard.offsets());
        queue.update(new ArrayList<>(shard.queue()));
    }

    /** The shard as it was written, or a new one where nothing was. */
    LearnerShard read(String key, LearnerSetup setup, Executors.Choice compute) throws Exception {
        LearnerConfig config = setup.config().get();
        byte[] saved = core.value();
        if (saved == null) {
            return new LearnerShard(
                    key,
                    setup,
                    compute,
                    new MaximumLikelihoodLearner(
                            config,
                            compute.executor(),
                            compute.precision(),
                            Initializer.weights(config.network(), config.seed())));
        }
        MaximumLikelihoodLearner learner =
                MaximumLikelihoodLearner.restore(
                        config,
                        compute.executor(),
                        compute.precision(),
                        saved,
                        bank.values(),
                        replay.values());
        Map<String, Long> read = new HashMap<>();
        for (Map.Entry<String, Long> entry : offsets.entries()) {
            read.put(entry.getKey(), entry.getValue());
        }
        List<ImageEvent> waiting = new ArrayList<>();
        queue.get().forEach(waiting::add);
        LearnerShard shard = new LearnerShard(key, setup, compute, learner);
        shard.restore(progress.value(), read, waiting);
        return shard;
    }
}
