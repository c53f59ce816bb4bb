package io.ebmstream.ops.image;

import io.ebmstream.ops.sampler.Threefry;

/**
 * A short run of random draws, a pure function of (seed, index): Threefry blocks 0, 1, 2, .. under
 * the key of the index. Only basic arithmetic and {@link StrictMath}: the same on every machine.
 * Not thread-safe; made where it is used.
 */
final class Draws {
    private final long key;
    private long counter;

    Draws(long seed, long index) {
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

    /** Standard normal, by Box and Muller's transform. */
    double normal() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        return radius * StrictMath.cos(2 * StrictMath.PI * uniform());
    }
}
