package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

// the harness's close() throws Exception
@SuppressWarnings("try")
class PieceBlocksTest {
    private static final String KEY = "default/0";

    /** What is done with the state of a key. */
    private interface Work {
        void on(KeyedStateStore store) throws Exception;
    }

    private static final class Worker extends AbstractStreamOperator<String>
            implements OneInputStreamOperator<String, String> {
        private static final long serialVersionUID = 1L;

        private final transient Work work;

        Worker(Work work) {
            this.work = work;
        }

        @Override
        public void processElement(StreamRecord<String> element) throws Exception {
            work.on(getKeyedStateStore());
        }
    }

    private static void with(Work work) throws Exception {
        try (var harness =
                new KeyedOneInputStreamOperatorTestHarness<String, String, String>(
                        new Worker(work), key -> key, Types.STRING, 16, 1, 0)) {
            harness.open();
            harness.processElement(new StreamRecord<>(KEY));
        }
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed + i * 31 + i / 251);
        }
        return bytes;
    }

    private static Map<String, byte[]> blocks(KeyedStateStore store) throws Exception {
        Map<String, byte[]> found = new HashMap<>();
        store.getMapState(
                        new MapStateDescriptor<>(
                                "learner-blocks",
                                Types.STRING,
                                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO))
                .entries()
                .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
        return found;
    }

    @Test
    void piecesOfEverySizeComeBackWhateverTheyWereBefore() throws Exception {
        int block = PieceBlocks.BLOCK;
        int[] lengths = {
            0, 100, block, block + 1, 5 * block, 5 * block - 1, 2 * block, 7, 3 * block + 9, 0
        };
        with(
                store -> {
                    PieceBlocks written = new PieceBlocks(store);
                    written.put(KEY, "other", bytes(3 * block, 9));
                    for (int i = 0; i < lengths.length; i++) {
                        written.put(KEY, "bank/0", bytes(lengths[i], i));
                        // as after a restore in between
                        PieceBlocks read = i % 3 == 0 ? written : new PieceBlocks(store);
                        Map<String, byte[]> found = read.read(KEY);
                        assertThat(found.keySet()).containsExactlyInAnyOrder("bank/0", "other");
                        assertThat(found.get("bank/0")).isEqualTo(bytes(lengths[i], i));
                        assertThat(found.get("other")).isEqualTo(bytes(3 * block, 9));
                        written = read;
                    }
                });
    }

    @Test
    void onlyBlocksThatChangedAreWritten() throws Exception {
        with(
                store -> {
                    byte[] piece = bytes(10 * PieceBlocks.BLOCK, 1);
                    new PieceBlocks(store).put(KEY, "bank/3", piece);
                    PieceBlocks pieces = new PieceBlocks(store);
                    pieces.read(KEY);
                    Map<String, byte[]> before = blocks(store);
                    piece[4 * PieceBlocks.BLOCK]++;
                    piece[10 * PieceBlocks.BLOCK - 1]++;
                    pieces.put(KEY, "bank/3", piece);
                    // heap state keeps the very array that was put
                    Map<String, byte[]> after = blocks(store);
                    assertThat(after.keySet())
                            .filteredOn(name -> after.get(name) != before.get(name))
                            .containsExactlyInAnyOrder("bank/3#4", "bank/3#9");
                });
    }

    @Test
    void aMissingBlockIsNamed() throws Exception {
        with(
                store -> {
                    new PieceBlocks(store).put(KEY, "bank/3", bytes(3 * PieceBlocks.BLOCK, 1));
                    store.getMapState(
                                    new MapStateDescriptor<>(
                                            "learner-blocks",
                                            Types.STRING,
                                            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO))
                            .remove("bank/3#1");
                    assertThatThrownBy(() -> new PieceBlocks(store).read(KEY))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining(
                                    "expected block 0 of 2 of bank/3, found block 0 of 3");
                });
    }

    @Test
    void aDamagedBlockIsRefused() throws Exception {
        with(
                store -> {
                    new PieceBlocks(store).put(KEY, "bank/3", bytes(3 * PieceBlocks.BLOCK, 1));
                    byte[] block = blocks(store).get("bank/3#1").clone();
                    block[block.length / 2] ^= 4;
                    store.getMapState(
                                    new MapStateDescriptor<>(
                                            "learner-blocks",
                                            Types.STRING,
                                            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO))
                            .put("bank/3#1", block);
                    assertThatThrownBy(() -> new PieceBlocks(store).read(KEY))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("checksum");
                });
    }
}
