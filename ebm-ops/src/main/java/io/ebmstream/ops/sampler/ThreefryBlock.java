package io.ebmstream.ops.sampler;

/**
 * Threefry for a block of consecutive counters: the same bits as {@link Threefry#block}, in loops
 * short enough for the JIT compiler to turn into vector instructions (one long loop over all 20
 * rounds stays scalar).
 *
 * <p>Counter of pair i: low word {@code step}, high word i. Owns its scratch; not thread-safe.
 */
final class ThreefryBlock {
    /**
     * Pairs that lie side by side in the result. Part of the definition of the noise: changing it
     * changes all runs.
     */
    static final int PAIRS = 256;

    /**
     * Pairs computed at once: enough that the ends of the loops, which stay scalar, count little,
     * and few enough that all scratch stays in the first-level cache.
     */
    static final int CAPACITY = 2 * PAIRS;

    /** First words of the block's pairs. */
    final int[] first = new int[CAPACITY];

    /** Second words of the block's pairs. */
    final int[] second = new int[CAPACITY];

    /**
     * Computes the words of the pairs {@code start} to {@code start + count - 1}.
     *
     * @param key two 32-bit words, low word first
     * @param step low word of every counter
     * @param start high word of the first counter
     * @param count at most {@link #CAPACITY}
     */
    void generate(long key, int step, int start, int count) {
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        int k2 = k0 ^ k1 ^ Threefry.PARITY;
        int x0 = step + k0;
        int x1 = start + k1;
        for (int i = 0; i < count; i++) {
            first[i] = x0;
            second[i] = x1 + i;
        }
        even(first, second, count, k1, k2 + 1);
        odd(first, second, count, k2, k0 + 2);
        even(first, second, count, k0, k1 + 3);
        odd(first, second, count, k1, k2 + 4);
        even(first, second, count, k2, k0 + 5);
    }

    private static void even(int[] first, int[] second, int count, int key0, int key1) {
        for (int i = 0; i < count; i++) {
            int x0 = first[i];
            int x1 = second[i];
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 13) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 15) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 26) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 6) ^ x0;
            first[i] = x0 + key0;
            second[i] = x1 + key1;
        }
    }

    private static void odd(int[] first, int[] second, int count, int key0, int key1) {
        for (int i = 0; i < count; i++) {
            int x0 = first[i];
            int x1 = second[i];
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 17) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 29) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 16) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 24) ^ x0;
            first[i] = x0 + key0;
            second[i] = x1 + key1;
        }
    }
}
