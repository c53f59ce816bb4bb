package io.ebmstream.job.compute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Float vectors as bytes, IEEE float32 little-endian, and back. Stateless, thread-safe. */
public final class FloatBytes {
    private FloatBytes() {}

    /** The bytes of all values. */
    public static byte[] toBytes(float[] values) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, values.length))
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /**
     * The values that the bytes hold.
     *
     * @throws IllegalArgumentException if their number is no multiple of 4
     */
    public static float[] toFloats(byte[] bytes) {
        if (bytes.length % Float.BYTES != 0) {
            throw new IllegalArgumentException(
                    "expected a multiple of 4 bytes for float32 values, found " + bytes.length);
        }
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
