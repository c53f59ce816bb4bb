package io.ebmstream.ops.sampler;

import java.util.Objects;

/**
 * Uniform noise in (-1, 1) as a pure function of (seed, chain, step, pixel), for chains that start
 * from noise. Laid out like {@link GaussianNoise}, with a key of its own: the two are independent
 * for equal arguments.
 *
 * <p>Values are odd multiples of 2^-23, so neither -1, 0 nor 1 occurs.
 *
 * <p>Not thread-safe: an instance owns its scratch.
 */
public final class UniformNoise {
    /** Separates these streams from the normal ones: "uniform" in ASCII. */
    private static final long PURPOSE = 0x756E69666F726DL;

    private static final int PAIRS = ThreefryBlock.PAIRS;
    private static final float UNIT = 1f / (1 << 22);

    /** What stands for 0 among the floats that carry 23 bits. */
    private static final float MIDDLE = SmallFloats.BIAS + (1 << 22);

    private final ThreefryBlock bits = new ThreefryBlock();
    private final SmallFloats floats = new SmallFloats(PAIRS);
    private final float[] values = new float[PAIRS];

    /**
     * Writes the values of pixels 0 to length-1 of one chain and step.
     *
     * @param seed seed of the run
     * @param chain chain id
     * @param step step of the chain; its low 32 bits count
     * @param out receives the values
     * @param offset where in {@code out} pixel 0 goes
     * @param length number of pixels
     * @throws IndexOutOfBoundsException if the range does not lie in {@code out}
     */
    public void fill(long seed, long chain, long step, float[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        long key = Threefry.derive(Threefry.derive(seed, PURPOSE), chain);
        for (int done = 0; done < length; done += 2 * PAIRS) {
            int firsts = Math.min(PAIRS, length - done);
            int seconds = Math.min(PAIRS, length - done - firsts);
            bits.generate(key, (int) step, done / 2, firsts);
            scale(bits.first, out, offset + done, firsts);
            if (seconds > 0) {
                scale(bits.second, out, offset + done + PAIRS, seconds);
            }
        }
    }

    /** out = (signed upper 23 bits of the word + 0.5) / 2^22. Overwrites the words. */
    private void scale(int[] words, float[] out, int offset, int count) {
        for (int i = 0; i < count; i++) {
            words[i] = ((words[i] >>> 9) ^ (1 << 22)) | SmallFloats.BITS;
        }
        floats.copyBits(words, values, count);
        for (int i = 0; i < count; i++) {
            values[i] = (values[i] - MIDDLE + 0.5f) * UNIT;
        }
        System.arraycopy(values, 0, out, offset, count);
    }
}
