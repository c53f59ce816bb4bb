package io.ebmstream.ops.state;

import io.ebmstream.ops.state.StateFormat.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes one piece of state: tensors in a fixed order, each with its type and shape, under a
 * checksum. The same calls give the same bytes. Not thread-safe.
 */
public final class StateWriter {
    private ByteBuffer buffer;

    /**
     * @param kind what the state is
     * @param expectedBytes about how many bytes will come; more is no error
     */
    public StateWriter(StateKind kind, int expectedBytes) {
        buffer =
                ByteBuffer.allocate(
                                StateFormat.HEADER_BYTES
                                        + Math.max(64, expectedBytes)
                                        + StateFormat.CHECKSUM_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(StateFormat.MAGIC).putShort(StateFormat.VERSION).putShort(kind.code());
    }

    public StateWriter putInt(int value) {
        start(DataType.INT32, 1);
        buffer.putInt(value);
        return this;
    }

    public StateWriter putLong(long value) {
        start(DataType.INT64, 1);
        buffer.putLong(value);
        return this;
    }

    public StateWriter putDouble(double value) {
        start(DataType.FLOAT64, 1);
        buffer.putDouble(value);
        return this;
    }

    /**
     * @param values row-major; exactly as many as the shape says
     */
    public StateWriter putFloats(float[] values, int... shape) {
        start(DataType.FLOAT32, values.length, shape);
        buffer.asFloatBuffer().put(values);
        buffer.position(buffer.position() + 4 * values.length);
        return this;
    }

    /**
     * @param values row-major; exactly as many as the shape says
     */
    public StateWriter putInts(int[] values, int... shape) {
        start(DataType.INT32, values.length, shape);
        buffer.asIntBuffer().put(values);
        buffer.position(buffer.position() + 4 * values.length);
        return this;
    }

    /**
     * @param values row-major; exactly as many as the shape says
     */
    public StateWriter putLongs(long[] values, int... shape) {
        start(DataType.INT64, values.length, shape);
        buffer.asLongBuffer().put(values);
        buffer.position(buffer.position() + 8 * values.length);
        return this;
    }

    /**
     * @param values row-major; exactly as many as the shape says
     */
    public StateWriter putBytes(byte[] values, int... shape) {
        start(DataType.UINT8, values.length, shape);
        buffer.put(values);
        return this;
    }

    /** The finished bytes with their checksum. The writer is used up. */
    public byte[] toBytes() {
        reserve(StateFormat.CHECKSUM_BYTES);
        int length = buffer.position();
        buffer.putInt(StateFormat.checksum(buffer, length));
        byte[] bytes =
                buffer.capacity() == buffer.position()
                        ? buffer.array()
                        : Arrays.copyOf(buffer.array(), buffer.position());
        buffer = null;
        return bytes;
    }

    private void start(DataType type, int length, int... shape) {
        if (StateFormat.volume(shape) != length) {
            throw new IllegalArgumentException(
                    "expected "
                            + StateFormat.volume(shape)
                            + " values for shape "
                            + Arrays.toString(shape)
                            + ", found "
                            + length);
        }
        reserve(Math.addExact(2 + 4 * shape.length, Math.multiplyExact(type.bytes, length)));
        buffer.put(type.code).put((byte) shape.length);
        for (int size : shape) {
            buffer.putInt(size);
        }
    }

    private void reserve(int bytes) {
        if (buffer.remaining() < bytes) {
            int needed = Math.addExact(buffer.position(), bytes);
            int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * needed));
            buffer =
                    ByteBuffer.allocate(capacity)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .put(buffer.array(), 0, buffer.position());
        }
    }
}
