package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.Threefry;

/**
 * Made-up images of another kind than {@link ShapesDataset}: square tiles of 2 to 4 pixels, each of
 * a colour of its own, all over the image. For showing what happens when a feed changes. Image i is
 * a pure function of (seed, i, shape), the same on every machine. Nothing is kept. Thread-safe.
 */
public final class MosaicDataset extends MadeUpImages {
    private static final long PURPOSE = 0x6d6f7361696373L;
    private static final int LEAST_TILE = 2;
    private static final int TILES = 3;

    /**
     * @param shape [c, h, w] of any size
     * @param size number of images, at least 1
     * @throws IllegalArgumentException if there would be no image
     */
    public MosaicDataset(ImageShape shape, long seed, int size) {
        super("mosaics", PURPOSE, shape, seed, size);
    }

    @Override
    Image draw(RandomSequence draws) {
        ImageShape shape = shape();
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
                    out[at++] = toByte(colour, draws);
                }
            }
        }
        return new Image(shape, out);
    }
}
