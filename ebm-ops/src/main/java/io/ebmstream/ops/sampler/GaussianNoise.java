package io.ebmstream.ops.sampler;

import java.util.Objects;

/**
 * Standard normal noise as a pure function of (seed, chain, step, pixel), so that a chain is
 * reproduced bit for bit wherever and in whatever batch it runs.
 *
 * <pre>
 * key of a chain     Threefry.derive(seed, chain)
 * 64 bits of a pair  Threefry.block(key, (low 32 bits of step, pair index))
 * pair of normals    Box-Muller: r = sqrt(-2 ln u), (r cos t, r sin t), t uniform in [-pi, pi)
 * pixel of a normal  blocks of 512 pixels: pair 256 b + j gives pixels 512 b + j (cosine) and
 *                    512 b + 256 + j (sine)
 * </pre>
 *
 * <p>Only IEEE additions, multiplications, divisions and square roots in single precision and
 * integer operations are used, which Java rounds alike everywhere: the bits are the same on every
 * machine. The largest value is sqrt(64 ln 2) = 6.66.
 *
 * <p>Cost: many short loops over a block, because the JIT compiler turns only such loops into
 * vector instructions, and only if all arrays of one type have the same offset (others might
 * overlap): hence scratch that begins at 0, and copies. About 2 ns a normal.
 *
 * <p>Not thread-safe: an instance owns its scratch.
 */
public final class GaussianNoise {
    private static final int PAIRS = ThreefryBlock.PAIRS;
    private static final int CAPACITY = ThreefryBlock.CAPACITY;
    private static final float LN2 = 0.6931471805599453f;

    /** sqrt(2) in units of the 24-bit mantissa: the middle of [1, 2) for the logarithm. */
    private static final float MIDDLE = 1.4142135623730951f * (1 << 23);

    /** From a signed 32-bit fraction of a turn to a quarter of its angle in radians. */
    private static final float QUARTER_ANGLE = (float) (Math.PI / 2 / 4294967296.0);

    /** Turns a 24-bit integer whose top bit is set into the float of the same value. */
    private static final int TOP_BITS = SmallFloats.BITS ^ (1 << 23);

    private final SmallFloats floats = new SmallFloats(CAPACITY);
    private final ThreefryBlock bits = new ThreefryBlock();
    private final int[] zeros = new int[CAPACITY];
    private final float[] radius = new float[CAPACITY];
    private final float[] angle = new float[CAPACITY];
    private final float[] sine = new float[CAPACITY];
    private final float[] cosine = new float[CAPACITY];

    /**
     * Writes the normals of pixels 0 to length-1 of one chain and step. A shorter length gives the
     * same values, fewer of them.
     *
     * @param seed seed of the run
     * @param chain chain id
     * @param step step of the chain; its low 32 bits count
     * @param out receives the normals
     * @param offset where in {@code out} pixel 0 goes
     * @param length number of pixels
     * @throws IndexOutOfBoundsException if the range does not lie in {@code out}
     */
    public void fill(long seed, long chain, long step, float[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        long key = Threefry.derive(seed, chain);
        for (int done = 0; done < length; done += 2 * CAPACITY) {
            int left = Math.min(2 * CAPACITY, length - done);
            int pairs = left / (2 * PAIRS) * PAIRS + Math.min(PAIRS, left % (2 * PAIRS));
            bits.generate(key, (int) step, done / 2, pairs);
            radii(bits.first, pairs);
            angles(bits.second, pairs);
            multiply(cosine, radius, pairs);
            multiply(sine, radius, pairs);
            for (int from = 0; from < pairs; from += PAIRS) {
                int cosines = Math.min(PAIRS, pairs - from);
                int sines = Math.min(PAIRS, left - 2 * from - cosines);
                int to = offset + done + 2 * from;
                System.arraycopy(cosine, from, out, to, cosines);
                if (sines > 0) {
                    System.arraycopy(sine, from, out, to + PAIRS, sines);
                }
            }
        }
    }

    /** radius = sqrt(-2 ln u) with u = (word | 1) / 2^32. Overwrites the words. */
    private void radii(int[] words, int count) {
        // Normalise: shift left until the top bit is set, count the shifts. Masks, no branches.
        for (int i = 0; i < count; i++) {
            int x = words[i] | 1;
            int empty = ((x >>> 16) - 1) >> 31;
            words[i] = x ^ ((x ^ (x << 16)) & empty);
            zeros[i] = empty & 16;
        }
        normalise8(words, zeros, count);
        normalise4(words, zeros, count);
        normalise2(words, zeros, count);
        normalise1(words, zeros, count);
        // u = m 2^-(zeros+1), m in [1, 2); ln m = ln sqrt(2) + 2 atanh(s), |s| < 0.172.
        floats.copyBits(words, radius, count);
        floats.copyBits(zeros, angle, count);
        for (int i = 0; i < count; i++) {
            float s = (radius[i] - MIDDLE) / (radius[i] + MIDDLE);
            float q = s * s;
            float series = 1f + q * (1f / 3 + q * (1f / 5 + q * (1f / 7 + q * (1f / 9))));
            // Just below u = 1 the sum may come out as a tiny negative number.
            radius[i] = Math.abs(LN2 * (2f * (angle[i] - SmallFloats.BIAS) + 1f) - 4f * s * series);
        }
        for (int i = 0; i < count; i++) {
            radius[i] = (float) Math.sqrt(radius[i]);
        }
    }

    private static void normalise8(int[] words, int[] zeros, int count) {
        for (int i = 0; i < count; i++) {
            int x = words[i];
            int empty = ((x >>> 24) - 1) >> 31;
            words[i] = x ^ ((x ^ (x << 8)) & empty);
            zeros[i] += empty & 8;
        }
    }

    private static void normalise4(int[] words, int[] zeros, int count) {
        for (int i = 0; i < count; i++) {
            int x = words[i];
            int empty = ((x >>> 28) - 1) >> 31;
            words[i] = x ^ ((x ^ (x << 4)) & empty);
            zeros[i] += empty & 4;
        }
    }

    private static void normalise2(int[] words, int[] zeros, int count) {
        for (int i = 0; i < count; i++) {
            int x = words[i];
            int empty = ((x >>> 30) - 1) >> 31;
            words[i] = x ^ ((x ^ (x << 2)) & empty);
            zeros[i] += empty & 2;
        }
    }

    /** The last shift; then the 24 bits of the mantissa and the count, both as bits of floats. */
    private static void normalise1(int[] words, int[] zeros, int count) {
        for (int i = 0; i < count; i++) {
            int x = words[i];
            int empty = ~(x >> 31);
            // The top bit of the 24 is set: it is the one that SmallFloats.BITS counts as 2^23.
            words[i] = ((x ^ ((x ^ (x << 1)) & empty)) >>> 8) ^ TOP_BITS;
            zeros[i] = (zeros[i] + (empty & 1)) | SmallFloats.BITS;
        }
    }

    /** Sine and cosine of 2 pi word / 2^32: series of a quarter of the angle, doubled twice. */
    private void angles(int[] words, int count) {
        toFloat(words, angle, count);
        for (int i = 0; i < count; i++) {
            float t = QUARTER_ANGLE * angle[i];
            float q = t * t;
            sine[i] =
                    t * (1f - q * (1f / 6 - q * (1f / 120 - q * (1f / 5040 - q * (1f / 362880)))));
        }
        for (int i = 0; i < count; i++) {
            float t = QUARTER_ANGLE * angle[i];
            float q = t * t;
            cosine[i] = 1f - q * (1f / 2 - q * (1f / 24 - q * (1f / 720 - q * (1f / 40320))));
        }
        twice(sine, cosine, count);
        twice(sine, cosine, count);
    }

    private static void twice(float[] sine, float[] cosine, int count) {
        for (int i = 0; i < count; i++) {
            float s = sine[i];
            sine[i] = 2f * s * cosine[i];
            cosine[i] = 1f - 2f * s * s;
        }
    }

    private static void toFloat(int[] from, float[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = from[i];
        }
    }

    private static void multiply(float[] a, float[] b, int count) {
        for (int i = 0; i < count; i++) {
            a[i] *= b[i];
        }
    }
}
