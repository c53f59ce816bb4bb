package io.ebmstream.ops.defense;

import io.ebmstream.ops.state.Sha256;
import java.nio.ByteBuffer;

/**
 * An image to be purified, fresh or on its way. What a purification gives depends on the image's
 * id, pixels, seed, weights and configuration only, never on the images beside it.
 *
 * @param chain id of the Langevin chain, see {@link #chain}
 * @param input the image as it came, u8 planar [c, h, w]; not copied
 * @param pixels where the chain is, float32 planar; null for an image that has not begun
 * @param step steps it has behind it
 * @param energyBefore U/T of the input; NaN while unknown
 */
public record PurificationImage(
        long chain, byte[] input, float[] pixels, int step, double energyBefore) {
    /**
     * @throws IllegalArgumentException if there is progress without pixels or none with them
     */
    public PurificationImage {
        if (step < 0 || (pixels == null) != (step == 0)) {
            throw new IllegalArgumentException(
                    "expected chain pixels exactly for images with steps behind them, found step "
                            + step
                            + (pixels == null ? " without" : " with")
                            + " pixels");
        }
    }

    /** An image that has not begun. */
    public static PurificationImage of(String imageId, byte[] input) {
        return new PurificationImage(chain(imageId), input, null, 0, Double.NaN);
    }

    /** Chain id of an image: the first 8 bytes of its id's SHA-256, big-endian. */
    public static long chain(String imageId) {
        return ByteBuffer.wrap(new Sha256().add(imageId).bytes()).getLong();
    }
}
