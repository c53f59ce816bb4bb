package io.ebmstream.ops.image;

import io.ebmstream.ops.sampler.Threefry;

/**
 * A short run of random draws, a pure function of (seed, index): Threefry blocks 0, 1, 2, .. under
 * the key of the index. Basic arithmetic only: the same on every machine. Not thread-safe; made
 * where it is used.
 */
final class RandomSequence {
    /** Makes the variance of a sum of four uniforms, 4 / 12, one: sqrt(3). */
    private static final double GRAIN_SCALE = 1.7320508075688772;

    private final long key;
    private long counter;

    RandomSequence(long seed, long index) {
        this.key = Threefry.derive(seed, index);
    }

    /** 64 random bits. */
    long bits() {
        return Threefry.block(key, counter++);
    }

    /** Uniform in [0, 1). */
    double uniform() {
        return (bits() >>> 11) * 0x1p-53;
    }

    /** Uniform in [from, to). */
    double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    /** Uniform among 0 .. bound - 1. */
    int below(int bound) {
        return (int) (uniform() * bound);
    }

    /**
     * Roughly normal with mean 0 and variance 1, at little cost: the sum of four uniforms, never
     * beyond 2 sqrt(3).
     */
    double grain() {
        long bits = bits();
        long sum =
                (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum - 2 * 0xFFFF) * (GRAIN_SCALE / 0x1p16);
    }
}
