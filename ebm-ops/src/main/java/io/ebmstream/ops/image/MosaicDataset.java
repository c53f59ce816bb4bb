package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.Threefry;

/**
 * Made-up images of another kind than {@link ShapesDataset}: square tiles of 2 to 4 pixels, each of
 * a colour of its own, all over the image. For showing what happens when a feed changes. Image i is
 * a pure function of (seed, i, shape), the same on every machine. Nothing is kept. Thread-safe.
 */
public final class MosaicDataset implements ImageDataset {
    private static final long PURPOSE = 0x6d6f7361696373L;
    private static final int LEAST_TILE = 2;
    private static final int TILES = 3;

    /** Standard deviation of the grain in pixels of 0 to 255, as that of shapes. */
    private static final double GRAIN = 3;

    private final ImageShape shape;
    private final long seed;
    private final int size;

    /**
     * @param shape [c, h, w] of any size
     * @param size number of images, at least 1
     * @throws IllegalArgumentException if there would be no image
     */
    public MosaicDataset(ImageShape shape, long seed, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("expected at least 1 image, found " + size);
        }
        this.shape = shape;
        this.seed = seed;
        this.size = size;
    }

    @Override
    public String name() {
        return "mosaics (seed " + seed + ")";
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public Image image(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(
                    "expected an index from 0 to " + (size - 1) + ", found " + index);
        }
        RandomSequence draws = new RandomSequence(Threefry.derive(seed, PURPOSE), index);
        int tile = LEAST_TILE + draws.below(TILES);
        int left = draws.below(tile);
        int top = draws.below(tile);
        int across = shape.width() / tile + 2;
        long colours = draws.bits();
        byte[] out = new byte[shape.size()];
        int at = 0;
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    long cell = (long) ((y + top) / tile) * across + (x + left) / tile;
                    double colour =
                            (Threefry.block(colours, cell * shape.channels() + c) >>> 11) * 0x1p-53;
                    double u = 255 * colour + GRAIN * draws.grain() + 0.5;
                    out[at++] = (byte) Math.max(0, Math.min(255, (int) u));
                }
            }
        }
        return new Image(shape, out);
    }

    @Override
    public String toString() {
        return name() + ": " + size + " images of " + shape;
    }
}
