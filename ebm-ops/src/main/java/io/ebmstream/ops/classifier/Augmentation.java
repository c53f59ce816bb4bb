package io.ebmstream.ops.classifier;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;

/**
 * How a training image is varied: maybe mirrored, moved by up to {@code shift} pixels each way
 * (black comes in at the edges), then Gaussian noise is added. A pure function of (seed, sample),
 * where every image of every epoch has its own sample number.
 *
 * @param flip whether every second image, at random, is mirrored left to right
 * @param shift largest move in pixels, at least 0
 * @param noise largest standard deviation of the noise, in units of [-1, 1], at least 0. Each image
 *     draws its own, uniform in [0, noise]: purified images keep some noise, and natural ones must
 *     still be known
 */
public record Augmentation(boolean flip, int shift, double noise) {
    private static final long PURPOSE = 0x6175676D656E74L;

    /** Images as they are. */
    public static final Augmentation NONE = new Augmentation(false, 0, 0);

    /**
     * @throws IllegalArgumentException if a value is negative or not finite
     */
    public Augmentation {
        if (shift < 0 || !(noise >= 0) || !Double.isFinite(noise)) {
            throw new IllegalArgumentException(
                    "expected a shift and a noise of at least 0, found shift "
                            + shift
                            + ", noise "
                            + noise);
        }
    }

    /**
     * Writes a variation of an image.
     *
     * @param pixels u8 planar [c, h, w]
     * @param sample number of the draw
     * @param normals scratch of the caller, which is not thread-safe
     * @param scratch at least as long as the image
     * @param out receives the pixels in [-1, 1] (noise may leave it) from {@code offset} on
     */
    void apply(
            byte[] pixels,
            ImageShape shape,
            long seed,
            long sample,
            GaussianNoise normals,
            float[] scratch,
            float[] out,
            int offset) {
        long purpose = Threefry.derive(seed, PURPOSE);
        long key = Threefry.derive(purpose, sample);
        boolean mirrored = flip && Draws.index(key, 0, 2) == 1;
        int down = Draws.index(key, 1, 2 * shift + 1) - shift;
        int right = Draws.index(key, 2, 2 * shift + 1) - shift;
        int height = shape.height();
        int width = shape.width();
        int at = offset;
        for (int c = 0; c < shape.channels(); c++) {
            for (int row = 0; row < height; row++) {
                int fromRow = row - down;
                for (int column = 0; column < width; column++) {
                    int moved = column - right;
                    boolean inside =
                            fromRow >= 0 && fromRow < height && moved >= 0 && moved < width;
                    int fromColumn = mirrored ? width - 1 - moved : moved;
                    out[at++] =
                            inside
                                    ? Pixels.toFloat(
                                            pixels[(c * height + fromRow) * width + fromColumn])
                                    : -1;
                }
            }
        }
        if (noise > 0) {
            float sigma = (float) (noise * Draws.uniform(key, 3));
            normals.fill(purpose, sample, 0, scratch, 0, shape.size());
            for (int i = 0; i < shape.size(); i++) {
                out[offset + i] += sigma * scratch[i];
            }
        }
    }
}
