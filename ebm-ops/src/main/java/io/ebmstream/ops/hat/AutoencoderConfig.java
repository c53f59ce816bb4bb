package io.ebmstream.ops.hat;

import io.ebmstream.ops.energy.Autoencoder;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.weights.NetworkSpec;

/**
 * How an autoencoder is trained: Adam on the reconstruction error of noised images,
 *
 * <pre>loss = mean ( D(E(x + s xi)) - x )^2      over images and pixels</pre>
 *
 * @param image shape of the images: 32, 64 or 128 pixels square
 * @param width channels n of the outermost layer ({@link Autoencoder}), at least 1
 * @param steps number of batches, at least 1
 * @param batch images of a batch, at least 1
 * @param rate learning rate, above 0
 * @param noise s, in pixel units of [-1, 1], at least 0
 * @param seed of initial weights, order and noise
 */
public record AutoencoderConfig(
        ImageShape image, int width, int steps, int batch, double rate, double noise, long seed) {
    public static final int DEFAULT_BATCH = 64;
    public static final double DEFAULT_RATE = 1e-4;
    public static final double DEFAULT_NOISE = 2e-2;

    /**
     * @throws IllegalArgumentException if a value is out of range, or there is no autoencoder of
     *     such images
     */
    public AutoencoderConfig {
        Autoencoder.encoder(image, width);
        if (steps < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 step of at least 1 image, found "
                            + steps
                            + " steps of "
                            + batch);
        }
        if (!(rate > 0) || !(rate <= 1) || !(noise >= 0) || !(noise <= 1)) {
            throw new IllegalArgumentException(
                    "expected a rate above 0 and at most 1 and noise from 0 to 1, found rate "
                            + rate
                            + ", noise "
                            + noise);
        }
    }

    /** E. */
    public NetworkSpec encoder() {
        return new NetworkSpec("autoencoder-encoder", width, image);
    }

    /** D. */
    public NetworkSpec decoder() {
        return new NetworkSpec("autoencoder-decoder", width, image);
    }
}
