package io.ebmstream.job.learn;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.shards.ShardLayout;
import io.ebmstream.job.state.StateRecords;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.guard.GuardedLearner;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.ReplayBuffer;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.state.NamedState;
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
import org.apache.flink.api.common.typeutils.base.LongSerializer;

/**
 * A shard in keyed state. The learner's state is a map of named pieces, its core apart, and only
 * what changed of them is written ({@link PieceBlocks}), so that an incremental checkpoint holds
 * what a few updates touched. The current key must be the shard's in every call.
 *
 * <p>State of the first format, which had one map for the bank and one for the replay buffer, is
 * moved to the pieces when it is read.
 */
final class ShardState {
    /** Name of the state that every shard has: what a restore looks shards up by. */
    static final String CORE = "learner-core";

    private static final TypeInformation<byte[]> BYTES =
            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

    private final ValueState<byte[]> core;
    private final ValueState<LearnerShard.Progress> progress;
    private final PieceBlocks pieces;
    private final Map<String, MapState<Integer, byte[]>> firstFormat;
    private final MapState<Long, ModelVersion> versions;
    private final MapState<String, Long> offsets;
    private final ListState<ImageEvent> queue;
    private final ValueState<ShardRounds.Saved> rounds;
    private final OrderState orders;

    /** Null where one shard is all there are. */
    private final LearnerSharding sharding;

    ShardState(KeyedStateStore store, LearnerSharding sharding) {
        this.sharding = sharding;
        rounds =
                store.getState(
                        new ValueStateDescriptor<>(
                                "learner-rounds", StateRecords.of(ShardRounds.Saved.class)));
        core = store.getState(new ValueStateDescriptor<>(CORE, BYTES));
        progress =
                store.getState(
                        new ValueStateDescriptor<>(
                                "learner-progress", StateRecords.of(LearnerShard.Progress.class)));
        pieces = new PieceBlocks(store);
        firstFormat =
                Map.of(
                        PersistentBank.NAME,
                        store.getMapState(
                                new MapStateDescriptor<>("learner-bank", Types.INT, BYTES)),
                        ReplayBuffer.NAME,
                        store.getMapState(
                                new MapStateDescriptor<>("learner-replay", Types.INT, BYTES)));
        versions =
                store.getMapState(
                        new MapStateDescriptor<>(
                                "learner-versions",
                                LongSerializer.INSTANCE,
                                StateRecords.of(ModelVersion.class)));
        offsets =
                store.getMapState(
                        new MapStateDescriptor<>("learner-offsets", Types.STRING, Types.LONG));
        queue =
                store.getListState(
                        new ListStateDescriptor<>(
                                "learner-queue", StateRecords.of(ImageEvent.class)));
        orders = new OrderState(store);
    }

    /** Writes what changed since the last call. */
    void write(LearnerShard shard) throws Exception {
        NamedState state = shard.learner().state();
        for (String piece : shard.changes().in(state)) {
            if (piece.equals(MaximumLikelihoodLearner.CORE)) {
                core.update(state.piece(piece));
            } else {
                pieces.put(shard.key(), piece, state.piece(piece));
            }
        }
        shard.changes().written(state);
        progress.update(shard.progress());
        versions.clear();
        versions.putAll(shard.versions());
        offsets.putAll(shard.offsets());
        queue.update(new ArrayList<>(shard.queue()));
        if (shard.rounds() != null) {
            rounds.update(shard.rounds().saved());
        }
        orders.write(shard);
    }

    /** The shard as it was written, or a new one where nothing was. */
    LearnerShard read(String key, LearnerSetup setup, Executors.Choice compute) throws Exception {
        LearnerConfig job = setup.config().get();
        LearnerConfig config = seeded(key, job);
        byte[] saved = core.value();
        if (saved == null) {
            MaximumLikelihoodLearner learner =
                    new MaximumLikelihoodLearner(
                            config,
                            compute.executor(),
                            compute.precision(),
                            // all shards begin with the same weights
                            setup.weights().apply(job));
            LearnerShard shard =
                    new LearnerShard(
                            key,
                            setup,
                            compute,
                            new GuardedLearner(learner, setup.guard().get(), compute.executor()));
            shard.begin(setup.start().get());
            if (sharding != null) {
                shard.share(rounds(key));
            }
            return shard;
        }
        Map<String, byte[]> found = pieces.read(key);
        moveFirstFormat(key, found);
        found.put(MaximumLikelihoodLearner.CORE, saved);
        GuardedLearner learner =
                GuardedLearner.restore(
                        new MaximumLikelihoodLearner(
                                config,
                                compute.executor(),
                                compute.precision(),
                                LearnerWeights.zeros(config)),
                        setup.guard().get(),
                        compute.executor(),
                        found);
        Map<Long, ModelVersion> published = new HashMap<>();
        for (Map.Entry<Long, ModelVersion> entry : versions.entries()) {
            published.put(entry.getKey(), entry.getValue());
        }
        Map<String, Long> read = new HashMap<>();
        for (Map.Entry<String, Long> entry : offsets.entries()) {
            read.put(entry.getKey(), entry.getValue());
        }
        List<ImageEvent> waiting = new ArrayList<>();
        queue.get().forEach(waiting::add);
        LearnerShard shard = new LearnerShard(key, setup, compute, learner);
        shard.restore(progress.value(), published, read, waiting);
        ShardRounds.Saved savedRounds = rounds.value();
        if (sharding != null) {
            ShardRounds among = rounds(key);
            among.restore(savedRounds, key);
            shard.share(among);
        } else if (savedRounds != null) {
            throw ShardRounds.mismatch(key, savedRounds.shards(), 1);
        }
        orders.read(shard);
        shard.ordersRestored();
        return shard;
    }

    private ShardRounds rounds(String key) {
        return new ShardRounds(ShardLayout.number(key), sharding);
    }

    /** With the shard's own seed. */
    private LearnerConfig seeded(String key, LearnerConfig config) {
        return sharding == null
                ? config
                : config.withSeed(sharding.layout().seed(ShardLayout.number(key), config.seed()));
    }

    private void moveFirstFormat(String key, Map<String, byte[]> found) throws Exception {
        for (Map.Entry<String, MapState<Integer, byte[]>> chunks : firstFormat.entrySet()) {
            for (Map.Entry<Integer, byte[]> chunk : chunks.getValue().entries()) {
                String piece = chunks.getKey() + "/" + chunk.getKey();
                pieces.put(key, piece, chunk.getValue());
                found.put(piece, chunk.getValue());
            }
            chunks.getValue().clear();
        }
    }
}
