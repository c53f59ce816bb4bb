package io.ebmstream.ops.attack;

/**
 * What an attack did to some images.
 *
 * @param images the attacked images as they were last, planar; a broken one as it was at its break
 * @param brokenAt for each image the number of steps behind it when it broke (0: at the start), or
 *     {@link #STANDS}
 */
public record AttackOutcome(float[] images, int[] brokenAt) {
    /** In {@link #brokenAt} for images that did not break. */
    public static final int STANDS = -1;

    /** Number of images that stand. */
    public int standing() {
        int count = 0;
        for (int step : brokenAt) {
            count += step == STANDS ? 1 : 0;
        }
        return count;
    }
}
