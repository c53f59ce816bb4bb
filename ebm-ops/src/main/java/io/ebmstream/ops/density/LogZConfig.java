package io.ebmstream.ops.density;

/**
 * How log Z is estimated.
 *
 * @param chains n, independent runs; at least 4
 * @param steps K, temperatures between the base and the model; at least 2
 * @param sigma standard deviation of the base's pixels, above 0
 * @param box b: the density is taken over pixels in [-b, b]; above 0
 * @param stepSize step at the start of the pilot run, which then finds the right one; above 0
 * @param seed of all randomness
 */
public record LogZConfig(
        int chains, int steps, double sigma, double box, double stepSize, long seed) {
    /** Base and box about as wide as images are. */
    public static final LogZConfig DEFAULT = new LogZConfig(32, 1000, 0.6, 1.5, 0.02, 1);

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LogZConfig {
        if (chains < 4 || steps < 2 || !positive(sigma) || !positive(box) || !positive(stepSize)) {
            throw new IllegalArgumentException(
                    "expected at least 4 chains, at least 2 steps, and a sigma, a box and a step"
                            + " size above 0, found chains "
                            + chains
                            + ", steps "
                            + steps
                            + ", sigma "
                            + sigma
                            + ", box "
                            + box
                            + ", step size "
                            + stepSize);
        }
    }

    private static boolean positive(double value) {
        return value > 0 && Double.isFinite(value);
    }
}
