package io.ebmstream.ops.sampler;

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy
 * as 1, 2, 3"): a keyed bijection of 64-bit counters, good enough to serve as the source of every
 * random number here. Stateless, thread-safe.
 */
public final class Threefry {
    /** Parity constant of the key schedule for 32-bit words. */
    static final int PARITY = 0x1BD11BDA;

    private Threefry() {}

    /**
     * 64 random bits for (key, counter). For one key every counter gives another result.
     *
     * @param key two 32-bit words, low word first
     * @param counter two 32-bit words, low word first
     * @return two 32-bit words, low word first
     */
    public static long block(long key, long counter) {
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        int k2 = k0 ^ k1 ^ PARITY;
        int x0 = (int) counter + k0;
        int x1 = (int) (counter >>> 32) + k1;
        for (int round = 0; round < 20; round += 8) {
            int step = round / 4;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 13) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 15) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 26) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 6) ^ x0;
            x0 += word(k0, k1, k2, step + 1);
            x1 += word(k0, k1, k2, step + 2) + step + 1;
            if (round == 16) {
                break;
            }
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 17) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 29) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 16) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, 24) ^ x0;
            x0 += word(k0, k1, k2, step + 2);
            x1 += word(k0, k1, k2, step + 3) + step + 2;
        }
        return (x0 & 0xFFFFFFFFL) | ((long) x1 << 32);
    }

    /**
     * Key of a stream of its own within a seed: the counter may be a chain id, a purpose, an
     * update.
     */
    public static long derive(long seed, long stream) {
        return block(seed, stream);
    }

    private static int word(int k0, int k1, int k2, int i) {
        return switch (i % 3) {
            case 0 -> k0;
            case 1 -> k1;
            default -> k2;
        };
    }
}
