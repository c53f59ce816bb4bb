package io.ebmstream.ops.learner;

/**
 * When pixels, nominally in [-1, 1], are too far out. Chains of healthy models reach beyond 1.5 in
 * single pixels (on Fashion-MNIST in a quarter of the chains, in at most 1.3 % of the pixels of
 * any), so that a chain counts as out of range by how many of its pixels are. Stateless,
 * thread-safe.
 */
public final class PixelRange {
    /** Pixels beyond this are far out. */
    public static final float FAR = 1.5f;

    /** Share of its pixels that are far out from which a chain is out of range. */
    public static final double SHARE = 0.02;

    /** One pixel beyond this puts a chain out of range. */
    public static final float NEVER = 5;

    /** Pixels beyond this are saturated: flat black or white with noise stays within. */
    public static final float SATURATED = 1.1f;

    private PixelRange() {}

    /** Whether an image is out of range: too many pixels far out, or one very far. */
    public static boolean out(float[] image, int length) {
        int far = 0;
        boolean never = false;
        for (int i = 0; i < length; i++) {
            float size = Math.abs(image[i]);
            far += size > FAR ? 1 : 0;
            never |= size > NEVER;
        }
        return never || far > SHARE * length;
    }

    /** Number of saturated pixels. */
    public static int saturated(float[] image, int length) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            count += Math.abs(image[i]) > SATURATED ? 1 : 0;
        }
        return count;
    }
}
