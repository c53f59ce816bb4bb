package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.Threefry;

/**
 * Images that are drawn each time they are asked for: image i is a pure function of (seed, i,
 * shape), the same on every machine. Nothing is kept. Thread-safe where {@link #draw} is.
 */
abstract class MadeUpImages implements ImageDataset {
    /**
     * Standard deviation of the grain on every image, in pixels of 0 to 255: real images have some
     * spread in every direction, flat ones upset learning.
     */
    private static final double GRAIN = 3;

    private final String kind;
    private final long key;
    private final ImageShape shape;
    private final long seed;
    private final int size;

    /**
     * @param kind what they are called
     * @param purpose tells the draws of one kind from those of others
     * @param shape [c, h, w]
     * @param size number of images, at least 1
     * @throws IllegalArgumentException if there would be no image
     */
    MadeUpImages(String kind, long purpose, ImageShape shape, long seed, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("expected at least 1 image, found " + size);
        }
        this.kind = kind;
        this.key = Threefry.derive(seed, purpose);
        this.shape = shape;
        this.seed = seed;
        this.size = size;
    }

    /** Draws an image of {@link #shape} from its own random numbers. */
    abstract Image draw(RandomSequence draws);

    /** A pixel of 0 to 1 with its grain, as u8. */
    static byte toByte(double value, RandomSequence draws) {
        double u = 255 * value + GRAIN * draws.grain() + 0.5;
        return (byte) Math.max(0, Math.min(255, (int) u));
    }

    @Override
    public final String name() {
        return kind + " (seed " + seed + ")";
    }

    @Override
    public final int size() {
        return size;
    }

    @Override
    public final ImageShape shape() {
        return shape;
    }

    @Override
    public final Image image(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(
                    "expected an index from 0 to " + (size - 1) + ", found " + index);
        }
        return draw(new RandomSequence(key, index));
    }

    @Override
    public final String toString() {
        return name() + ": " + size + " images of " + shape;
    }
}
