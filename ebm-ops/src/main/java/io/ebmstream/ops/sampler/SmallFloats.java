package io.ebmstream.ops.sampler;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Integers below 2^23 as floats, exactly, for loops that shall become vector instructions: the JIT
 * compiler of Java 17 leaves {@code (float) i} and {@code Float.intBitsToFloat(i)} scalar. The
 * caller ORs {@link #BITS} to each integer, has the bits copied into a float array, and subtracts
 * {@link #BIAS} in its next loop.
 *
 * <p>Owns its scratch; not thread-safe.
 */
final class SmallFloats {
    /** Bits of 2^23: a float with this exponent holds an integer in its mantissa. */
    static final int BITS = 0x4B000000;

    /** 2^23. */
    static final float BIAS = 0x1p23f;

    private final IntBuffer words;
    private final FloatBuffer floats;

    SmallFloats(int capacity) {
        ByteBuffer bytes =
                ByteBuffer.wrap(new byte[capacity * Float.BYTES]).order(ByteOrder.nativeOrder());
        words = bytes.asIntBuffer();
        floats = bytes.asFloatBuffer();
    }

    /** {@code to[i] = Float.intBitsToFloat(from[i])} for i from 0 to count-1. */
    void copyBits(int[] from, float[] to, int count) {
        words.put(0, from, 0, count);
        floats.get(0, to, 0, count);
    }
}
