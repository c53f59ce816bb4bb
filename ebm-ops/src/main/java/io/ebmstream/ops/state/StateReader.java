package io.ebmstream.ops.state;

import io.ebmstream.ops.state.StateFormat.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads what {@link StateWriter} wrote, in the same order. Everything is checked before it is used:
 * a damaged or foreign piece of state is an error, never a guess. Not thread-safe.
 */
public final class StateReader {
    private final StateKind kind;
    private final ByteBuffer buffer;

    /**
     * @param kind what the bytes must hold
     * @param bytes as written; not changed
     * @throws IllegalArgumentException if they are damaged, of another kind, or of a newer format
     */
    public StateReader(StateKind kind, byte[] bytes) {
        this.kind = kind;
        int length = bytes.length - StateFormat.CHECKSUM_BYTES;
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (length < StateFormat.HEADER_BYTES || all.getInt(0) != StateFormat.MAGIC) {
            throw new IllegalArgumentException(
                    "expected state of kind "
                            + kind
                            + ", found "
                            + bytes.length
                            + " bytes that are not ebm-stream state; restore from another snapshot");
        }
        short version = all.getShort(4);
        if (version != StateFormat.VERSION) {
            throw new IllegalArgumentException(
                    "expected state of format version "
                            + StateFormat.VERSION
                            + " for "
                            + kind
                            + ", found version "
                            + version
                            + "; run the release that wrote it or a newer one");
        }
        int found = StateFormat.checksum(all, length);
        if (found != all.getInt(length)) {
            throw new IllegalArgumentException(
                    String.format(
                            "expected checksum %08x for state of kind %s, found %08x: the bytes are"
                                    + " damaged; restore from another snapshot",
                            all.getInt(length), kind, found));
        }
        if (all.getShort(6) != kind.code()) {
            throw new IllegalArgumentException(
                    "expected state of kind "
                            + kind
                            + " (code "
                            + kind.code()
                            + "), found code "
                            + all.getShort(6)
                            + "; pieces of state were mixed up");
        }
        buffer = all.position(StateFormat.HEADER_BYTES).limit(length);
    }

    /**
     * Whether the bytes say that they are of a kind. Only their header is looked at; a reader of
     * that kind checks the rest.
     */
    public static boolean holds(StateKind kind, byte[] bytes) {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.length >= StateFormat.HEADER_BYTES
                && all.getInt(0) == StateFormat.MAGIC
                && all.getShort(6) == kind.code();
    }

    public int nextInt() {
        expect(DataType.INT32);
        return buffer.getInt();
    }

    public long nextLong() {
        expect(DataType.INT64);
        return buffer.getLong();
    }

    public double nextDouble() {
        expect(DataType.FLOAT64);
        return buffer.getDouble();
    }

    /**
     * @throws IllegalArgumentException if the next tensor has another type or shape
     */
    public float[] nextFloats(int... shape) {
        float[] values = new float[expect(DataType.FLOAT32, shape)];
        buffer.asFloatBuffer().get(values);
        buffer.position(buffer.position() + 4 * values.length);
        return values;
    }

    /**
     * @throws IllegalArgumentException if the next tensor has another type or shape
     */
    public int[] nextInts(int... shape) {
        int[] values = new int[expect(DataType.INT32, shape)];
        buffer.asIntBuffer().get(values);
        buffer.position(buffer.position() + 4 * values.length);
        return values;
    }

    /**
     * @throws IllegalArgumentException if the next tensor has another type or shape
     */
    public long[] nextLongs(int... shape) {
        long[] values = new long[expect(DataType.INT64, shape)];
        buffer.asLongBuffer().get(values);
        buffer.position(buffer.position() + 8 * values.length);
        return values;
    }

    /**
     * @throws IllegalArgumentException if the next tensor has another type or shape
     */
    public byte[] nextBytes(int... shape) {
        byte[] values = new byte[expect(DataType.UINT8, shape)];
        buffer.get(values);
        return values;
    }

    /**
     * Bytes [n] of any length.
     *
     * @throws IllegalArgumentException if the next tensor has another type or rank
     */
    public byte[] nextByteRow() {
        int rank = 1;
        boolean row =
                buffer.remaining() >= 2 + 4
                        && buffer.get(buffer.position()) == DataType.UINT8.code
                        && buffer.get(buffer.position() + 1) == rank;
        // of no row and of one that is too long the message comes from there
        return nextBytes(row ? Math.max(0, buffer.getInt(buffer.position() + 2)) : -1);
    }

    /**
     * Ends reading.
     *
     * @throws IllegalArgumentException if something is left: the state has more than was expected
     */
    public void end() {
        if (buffer.hasRemaining()) {
            throw new IllegalArgumentException(
                    "expected the end of the state of kind "
                            + kind
                            + ", found "
                            + buffer.remaining()
                            + " more bytes");
        }
    }

    private int expect(DataType type, int... shape) {
        int[] foundShape = null;
        byte code = 0;
        if (buffer.remaining() >= 2) {
            code = buffer.get();
            int rank = buffer.get();
            if (rank >= 0 && buffer.remaining() >= 4 * rank) {
                foundShape = new int[rank];
                for (int i = 0; i < rank; i++) {
                    foundShape[i] = buffer.getInt();
                }
            }
        }
        if (foundShape == null || code != type.code || !Arrays.equals(foundShape, shape)) {
            throw new IllegalArgumentException(
                    "expected "
                            + type
                            + " of shape "
                            + Arrays.toString(shape)
                            + " in state of kind "
                            + kind
                            + ", found "
                            + describe(code, foundShape)
                            + "; was the state written under another configuration?");
        }
        int size = StateFormat.volume(shape);
        if (buffer.remaining() < (long) size * type.bytes) {
            throw new IllegalArgumentException(
                    "expected "
                            + size
                            + " values of "
                            + type
                            + " in state of kind "
                            + kind
                            + ", found only "
                            + buffer.remaining()
                            + " bytes");
        }
        return size;
    }

    private static String describe(byte code, int[] shape) {
        if (shape == null) {
            return "the end";
        }
        for (DataType type : DataType.values()) {
            if (type.code == code) {
                return type + " of shape " + Arrays.toString(shape);
            }
        }
        return "type code " + code;
    }
}
