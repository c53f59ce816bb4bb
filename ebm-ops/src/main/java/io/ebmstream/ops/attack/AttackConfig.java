package io.ebmstream.ops.attack;

/**
 * An iterated attack: a random start in the ball, then steps of ascent on the loss (projected
 * gradient descent, Madry et al. 2018, arXiv 1706.06083).
 *
 * @param ball where it may go and how far at a time
 * @param steps number of steps, at least 0
 * @param randomStart whether it starts at a random place in the ball, else at the image
 * @param seed of the start and of what else is drawn
 */
public record AttackConfig(PerturbationBall ball, int steps, boolean randomStart, long seed) {
    /** The papers' number of steps. */
    public static final int DEFAULT_STEPS = 50;

    /** The papers' radius, in units of pixels from 0 to 1. */
    public static final double DEFAULT_RADIUS = 8.0 / 255;

    /** The papers' step in parts of the radius. */
    public static final double DEFAULT_STEP_SHARE = 0.25;

    /**
     * @throws IllegalArgumentException if the number of steps is negative
     */
    public AttackConfig {
        if (steps < 0) {
            throw new IllegalArgumentException("expected at least 0 attack steps, found " + steps);
        }
    }

    /** Where the attack begins: copies of the images, maybe moved. */
    float[] start(float[] images, long[] ids) {
        float[] moved = images.clone();
        int size = ids.length == 0 ? 0 : images.length / ids.length;
        for (int i = 0; randomStart && i < ids.length; i++) {
            ball.randomStart(seed, ids[i], images, moved, i * size, size);
        }
        return moved;
    }
}
