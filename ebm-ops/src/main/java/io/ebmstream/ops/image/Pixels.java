package io.ebmstream.ops.image;

import java.util.Objects;

/**
 * Between stored pixels u in 0..255 (one unsigned byte) and network pixels x in [-1, 1]:
 *
 * <pre>x = 2 u / 255 - 1          u = round(255 (x + 1) / 2), clipped to 0..255</pre>
 *
 * <p>u -> x -> u gives every u back. Stateless, thread-safe, no allocation.
 */
public final class Pixels {
    private static final float[] TO_FLOAT = new float[256];

    static {
        for (int u = 0; u < TO_FLOAT.length; u++) {
            TO_FLOAT[u] = (float) (2.0 * u / 255.0 - 1.0);
        }
    }

    private Pixels() {}

    /** Network pixel in [-1, 1] of the stored pixel {@code u}, taken as unsigned. */
    public static float toFloat(byte u) {
        return TO_FLOAT[u & 0xFF];
    }

    /**
     * Stored pixel of the network pixel {@code x}: rounded, and clipped where x is outside [-1, 1].
     *
     * @throws IllegalArgumentException if x is not finite: such a value is never replaced
     */
    public static byte toByte(float x) {
        if (!Float.isFinite(x)) {
            throw new IllegalArgumentException("expected a finite pixel, found " + x);
        }
        float u = (x + 1f) * 127.5f;
        return (byte) (u <= 0f ? 0 : u >= 255f ? 255 : (int) (u + 0.5f));
    }

    /**
     * Converts {@code length} stored pixels into {@code out}.
     *
     * @throws IndexOutOfBoundsException if a range does not fit
     */
    public static void toFloat(byte[] in, int inOffset, float[] out, int outOffset, int length) {
        Objects.checkFromIndexSize(inOffset, length, in.length);
        Objects.checkFromIndexSize(outOffset, length, out.length);
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = TO_FLOAT[in[inOffset + i] & 0xFF];
        }
    }

    /**
     * Converts {@code length} network pixels into {@code out}, as {@link #toByte} does.
     *
     * @throws IllegalArgumentException if a value is not finite
     * @throws IndexOutOfBoundsException if a range does not fit
     */
    public static void toBytes(float[] in, int inOffset, byte[] out, int outOffset, int length) {
        Objects.checkFromIndexSize(inOffset, length, in.length);
        Objects.checkFromIndexSize(outOffset, length, out.length);
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = toByte(in[inOffset + i]);
        }
    }
}
