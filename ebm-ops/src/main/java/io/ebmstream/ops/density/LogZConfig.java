package io.ebmstream.ops.density;

/**
 * How log Z is estimated.
 *
 * @param chains n, independent runs; at least 4
 * @param steps K, temperatures between the base and the model; at least 2
 * @param leapfrog gradients in the trajectory at each of them, at least 1
 * @param sigma standard deviation of the base's pixels, above 0
 * @param box b: the density is taken over pixels in [-b, b]; above 0
 * @param stepSize step at the start of the pilot run, which then finds the right one; above 0
 * @param seed of all randomness
 */
public record LogZConfig(
        int chains, int steps, int leapfrog, double sigma, double box, double stepSize, long seed) {
    /** Base and box about as wide as images are. */
    public static final LogZConfig DEFAULT = new LogZConfig(32, 500, 10, 0.6, 1.5, 0.02, 1);

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LogZConfig {
        if (chains < 4
                || steps < 2
                || leapfrog < 1
                || !positive(sigma)
                || !positive(box)
                || !positive(stepSize)) {
            throw new IllegalArgumentException(
                    "expected at least 4 chains, at least 2 steps, a leapfrog of at least 1, and a"
                            + " sigma, a box and a step size above 0, found chains "
                            + chains
                            + ", steps "
                            + steps
                            + ", leapfrog "
                            + leapfrog
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
