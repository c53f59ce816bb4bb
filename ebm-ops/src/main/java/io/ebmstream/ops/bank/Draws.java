package io.ebmstream.ops.bank;

import io.ebmstream.ops.sampler.Threefry;
import java.util.HashMap;
import java.util.Map;

/**
 * Random choices as pure functions of (key, counter), for indices and coin flips. A key comes from
 * {@link Threefry#derive}: one for every purpose and update, so that no two choices share bits.
 * Stateless, thread-safe.
 */
public final class Draws {
    private Draws() {}

    /** A number in [0, 1), a multiple of 2^-53. */
    public static double uniform(long key, long counter) {
        return (Threefry.block(key, counter) >>> 11) * 0x1p-53;
    }

    /**
     * An index in [0, bound), each as likely as any other up to 2^-63 bound.
     *
     * @throws IllegalArgumentException if bound is below 1
     */
    public static int index(long key, long counter, int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("expected a bound of at least 1, found " + bound);
        }
        return (int) Math.multiplyHigh(Threefry.block(key, counter) >>> 1, 2L * bound);
    }

    /**
     * {@code count} different indices in [0, bound), in random order: the first steps of a
     * Fisher-Yates shuffle, of which only the places that moved are kept.
     *
     * @throws IllegalArgumentException if count is not in [0, bound]
     */
    public static int[] distinct(long key, int bound, int count) {
        if (count < 0 || count > bound) {
            throw new IllegalArgumentException(
                    "expected 0 to " + bound + " different indices, found " + count);
        }
        Map<Integer, Integer> moved = new HashMap<>();
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++) {
            int j = i + index(key, i, bound - i);
            drawn[i] = moved.getOrDefault(j, j);
            moved.put(j, moved.getOrDefault(i, i));
        }
        return drawn;
    }
}
