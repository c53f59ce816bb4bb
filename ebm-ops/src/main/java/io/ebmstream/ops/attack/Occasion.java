package io.ebmstream.ops.attack;

import io.ebmstream.ops.sampler.Threefry;

/**
 * What an image is purified for: each purpose and number has chains, and so noise, of its own.
 * Purposes keep their codes: results depend on them.
 */
public enum Occasion {
    /** As a user's image, the n-th time. */
    SUBMISSION(1),
    /** For the attack's gradient at step n. */
    ATTACK(2),
    /** To decide whether step n of an attack broke it. */
    VERIFICATION(3),
    /** For the score of query n. */
    QUERY(4);

    private final int code;

    Occasion(int code) {
        this.code = code;
    }

    /**
     * Id of an image's chains on this occasion.
     *
     * @param image id of the image
     */
    public long id(long image, long number) {
        return Threefry.derive(Threefry.derive(image, code), number);
    }

    /** {@link #id(long, long)} for many images. */
    public long[] ids(long[] images, long number) {
        long[] ids = new long[images.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = id(images[i], number);
        }
        return ids;
    }
}
