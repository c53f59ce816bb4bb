package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.state.Backend;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.state.NamedState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The size of an incremental checkpoint follows what changed. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class CheckpointSizeITCase {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    private static final int CHAINS = 10_000;
    private static final int BATCH = 64;
    private static final String KEY = "default/0";
    private static final long BANK_BYTES = 4L * CHAINS * SHAPE.size();

    @TempDir Path folder;

    private static LearnerConfig config() {
        return LearnerConfig.builder(Light32.of(SHAPE, 1))
                .steps(1)
                .batch(BATCH)
                .part(16)
                .bankSize(CHAINS)
                .replayCapacity(2 * BATCH)
                .warmupImages(BATCH)
                .imagesPerUpdate(BATCH)
                .build();
    }

    private static LearnerSetup learning() {
        return new LearnerSetup(
                "default",
                CheckpointSizeITCase::config,
                () -> GuardConfig.DATA_STARTS,
                LearnerWeights::random,
                TestModels.REFERENCE,
                100,
                0,
                4 * BATCH,
                Duration.ofSeconds(1));
    }

    /** A learner's shard without slices. */
    private static final class Shard extends AbstractStreamOperator<PublishedModel>
            implements OneInputStreamOperator<ImageEvent, PublishedModel> {
        private static final long serialVersionUID = 1L;

        private transient ShardState state;
        private transient LearnerShard shard;

        @Override
        public void initializeState(StateInitializationContext context) throws Exception {
            super.initializeState(context);
            state = new ShardState(context.getKeyedStateStore(), null);
        }

        @Override
        public void processElement(StreamRecord<ImageEvent> element) throws Exception {
            if (shard == null) {
                shard =
                        state.read(
                                KEY, learning(), TestModels.REFERENCE.choose(getRuntimeContext()));
                fill(shard.learner().state());
            }
            shard.queue().add(element.getValue());
            while (shard.busy()) {
                shard.work(Long.MAX_VALUE, image -> {});
            }
        }

        @Override
        public void snapshotState(StateSnapshotContext context) throws Exception {
            super.snapshotState(context);
            setCurrentKey(KEY);
            state.write(shard);
        }

        @Override
        public void close() throws Exception {
            if (shard != null) {
                shard.close();
            }
            super.close();
        }
    }

    private KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness()
            throws Exception {
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>(
                        new Shard(), image -> KEY, Types.STRING, 16, 1, 0);
        harness.setStateBackend(Backend.ROCKSDB.create());
        harness.setCheckpointStorage(new FileSystemCheckpointStorage(folder.toUri()));
        return harness;
    }

    @Test
    void oneUpdateWritesLessThanATwentiethOfTheBank() throws Exception {
        OperatorSubtaskState full;
        try (var harness = harness()) {
            harness.open();
            feed(harness, 0);
            full = harness.snapshot(1, 1);
            assertThat(full.getCheckpointedSize()).isGreaterThan(BANK_BYTES);
            harness.notifyOfCompletedCheckpoint(1);
            long before = bytes();

            feed(harness, BATCH);
            OperatorSubtaskState second = harness.snapshot(2, 2);
            long written = bytes() - before;
            System.out.printf(
                    "bank %,d bytes; first checkpoint %,d, after one update %,d: %.2f %% of the"
                            + " bank; new files %,d%n",
                    BANK_BYTES,
                    full.getCheckpointedSize(),
                    second.getCheckpointedSize(),
                    100.0 * second.getCheckpointedSize() / BANK_BYTES,
                    written);
            assertThat(second.getCheckpointedSize()).isLessThan(BANK_BYTES / 20);
            assertThat(written).isLessThan(BANK_BYTES / 20);
        }
    }

    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel> harness,
            int from)
            throws Exception {
        for (int i = from; i < from + BATCH; i++) {
            byte[] pixels = new byte[SHAPE.size()];
            for (int j = 0; j < pixels.length; j++) {
                pixels[j] = (byte) (i * 37 + j * (i % 11 + 1));
            }
            harness.processElement(
                    new StreamRecord<>(
                            new ImageEvent(
                                    "image-" + i, "s", i, 3, 32, 32, pixels, -1, null, "t", 0, i)));
        }
    }

    /** As after many updates: every slot has a chain. */
    private static void fill(NamedState learner) {
        try (PersistentBank bank = new PersistentBank(CHAINS, SHAPE)) {
            float[] pixels = new float[SHAPE.size()];
            for (int slot = 0; slot < CHAINS; slot++) {
                for (int i = 0; i < pixels.length; i++) {
                    // incompressible enough
                    pixels[i] = (slot * 31 + i * 17) % 1999 / 999.5f - 1;
                }
                bank.put(slot, pixels, 0, 10, 5);
            }
            for (String piece : bank.pieces()) {
                learner.restore(piece, bank.piece(piece));
            }
        }
    }

    private long bytes() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(
                            file -> {
                                try {
                                    return Files.size(file);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            })
                    .sum();
        }
    }
}
