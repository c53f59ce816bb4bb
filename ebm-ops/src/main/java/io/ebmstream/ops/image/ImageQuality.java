package io.ebmstream.ops.image;

/** Distances between images, in the units of network pixels [-1, 1]. Stateless, thread-safe. */
public final class ImageQuality {
    /** Width of the pixel range [-1, 1]. */
    private static final double RANGE = 2;

    private ImageQuality() {}

    /**
     * Mean squared error over all values, in squared units of [-1, 1]: 0 for equal images, 4 for
     * black against white.
     *
     * @throws IllegalArgumentException if the shapes differ
     */
    public static double mse(Image a, Image b) {
        if (!a.shape().equals(b.shape())) {
            throw new IllegalArgumentException(
                    "expected two images of one shape, found " + a.shape() + " and " + b.shape());
        }
        long sum = 0;
        for (int i = 0; i < a.pixels().length; i++) {
            int difference = (a.pixels()[i] & 0xFF) - (b.pixels()[i] & 0xFF);
            sum += (long) difference * difference;
        }
        return sum * (RANGE / 255) * (RANGE / 255) / a.pixels().length;
    }

    /**
     * Peak signal-to-noise ratio in dB: 10 log10(2^2 / mse); infinite for equal images.
     *
     * @throws IllegalArgumentException if the shapes differ
     */
    public static double psnr(Image a, Image b) {
        return 10 * Math.log10(RANGE * RANGE / mse(a, b));
    }
}
