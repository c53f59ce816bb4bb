package io.ebmstream.job.learn;

import io.ebmstream.ops.state.Sha256;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * Pieces of a learner's state, large ones in blocks of which only those are written whose bytes
 * changed. An update of 64 chains out of 10,000 touches one in five of the bank's pieces, but one
 * chain of 32 in each: in blocks a checkpoint after it writes 2 % of the bank, in pieces 19 %.
 *
 * <p>A block is changed when its SHA-256 is another than when it was written last; the hashes of
 * all shards are kept here, 32 bytes for each block. A piece that an earlier release wrote whole is
 * read, and written in blocks once it changes. Not thread-safe.
 */
final class PieceBlocks {
    /** Bytes of a block: less than an image 3x32x32 in float32, more than a header matters. */
    static final int BLOCK = 8 * 1024;

    private static final TypeInformation<byte[]> BYTES =
            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

    private final MapState<String, byte[]> whole;
    private final MapState<String, byte[]> blocks;

    /** Hashes of the blocks written, by shard and piece. */
    private final Map<String, Map<String, byte[][]>> written = new HashMap<>();

    PieceBlocks(KeyedStateStore store) {
        whole = store.getMapState(new MapStateDescriptor<>("learner-pieces", Types.STRING, BYTES));
        blocks = store.getMapState(new MapStateDescriptor<>("learner-blocks", Types.STRING, BYTES));
    }

    /** Writes a piece of the shard whose key is the current one. */
    void put(String shard, String piece, byte[] bytes) throws Exception {
        int count = bytes.length <= BLOCK ? 0 : (bytes.length + BLOCK - 1) / BLOCK;
        byte[][] before = hashes(shard).get(piece);
        byte[][] now = new byte[count][];
        boolean resized = before == null || before.length != count;
        for (int i = 0; i < count; i++) {
            byte[] block =
                    Arrays.copyOfRange(bytes, i * BLOCK, Math.min(bytes.length, (i + 1) * BLOCK));
            now[i] = new Sha256().add(block).bytes();
            if (resized || !Arrays.equals(before[i], now[i])) {
                blocks.put(name(piece, i), encode(i, count, block));
            }
        }
        for (int i = count; before != null && i < before.length; i++) {
            blocks.remove(name(piece, i));
        }
        hashes(shard).put(piece, now);
        if (count == 0) {
            whole.put(piece, bytes);
        } else if (resized) {
            whole.remove(piece);
        }
    }

    /**
     * All pieces of the shard whose key is the current one.
     *
     * @throws IllegalArgumentException if a block is damaged or missing
     */
    Map<String, byte[]> read(String shard) throws Exception {
        Map<String, byte[]> found = new HashMap<>();
        for (Map.Entry<String, byte[]> piece : whole.entries()) {
            found.put(piece.getKey(), piece.getValue());
        }
        Map<String, TreeMap<Integer, byte[]>> parts = new HashMap<>();
        for (Map.Entry<String, byte[]> block : blocks.entries()) {
            int mark = block.getKey().lastIndexOf('#');
            parts.computeIfAbsent(block.getKey().substring(0, mark), piece -> new TreeMap<>())
                    .put(Integer.parseInt(block.getKey().substring(mark + 1)), block.getValue());
        }
        hashes(shard).clear();
        for (Map.Entry<String, TreeMap<Integer, byte[]>> part : parts.entrySet()) {
            found.put(part.getKey(), join(shard, part.getKey(), part.getValue()));
        }
        return found;
    }

    private byte[] join(String shard, String piece, TreeMap<Integer, byte[]> parts) {
        byte[][] now = new byte[parts.size()][];
        byte[] bytes = new byte[parts.size() * BLOCK];
        int length = 0;
        for (int i = 0; i < now.length; i++) {
            byte[] part = parts.get(i);
            int count = 0;
            int index = -1;
            byte[] block = new byte[0];
            if (part != null) {
                StateReader reader = new StateReader(StateKind.PIECE_BLOCK, part);
                index = reader.nextInt();
                count = reader.nextInt();
                block = reader.nextByteRow();
                reader.end();
            }
            boolean last = i == now.length - 1;
            if (index != i || count != now.length || (!last && block.length != BLOCK)) {
                throw new IllegalArgumentException(
                        String.format(
                                "expected block %d of %d of %s, found block %d of %d with %d bytes;"
                                        + " restore from another checkpoint",
                                i, now.length, piece, index, count, block.length));
            }
            System.arraycopy(block, 0, bytes, length, block.length);
            length += block.length;
            now[i] = new Sha256().add(block).bytes();
        }
        hashes(shard).put(piece, now);
        return Arrays.copyOf(bytes, length);
    }

    private Map<String, byte[][]> hashes(String shard) {
        return written.computeIfAbsent(shard, key -> new HashMap<>());
    }

    private static String name(String piece, int block) {
        return piece + "#" + block;
    }

    private static byte[] encode(int index, int count, byte[] block) {
        return new StateWriter(StateKind.PIECE_BLOCK, block.length + 32)
                .putInt(index)
                .putInt(count)
                .putBytes(block, block.length)
                .toBytes();
    }
}
