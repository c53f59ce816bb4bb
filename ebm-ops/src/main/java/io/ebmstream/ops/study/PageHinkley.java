package io.ebmstream.ops.study;

/**
 * The Page-Hinkley test (Page 1954), in both directions, as stream libraries have it:
 *
 * <pre>
 * m_t = mean of x_1 .. x_t,   S_t = S_t-1 + x_t - m_t -+ delta
 * alarm where S_t - min S > lambda (up) or max S - S_t > lambda (down)
 * </pre>
 *
 * Begins anew after an alarm. Not thread-safe.
 */
public final class PageHinkley implements ChangeDetector {
    /** Usual tolerance. */
    public static final double DELTA = 0.005;

    /** Usual threshold. */
    public static final double LAMBDA = 50;

    private static final int LEAST = 30;

    private final double delta;
    private final double lambda;
    private long count;
    private double mean;
    private double up;
    private double least;
    private double down;
    private double most;

    /**
     * @param delta change that is tolerated, in units of the series
     * @param lambda threshold, in the same units
     */
    public PageHinkley(double delta, double lambda) {
        this.delta = delta;
        this.lambda = lambda;
    }

    @Override
    public boolean observe(double value) {
        count++;
        mean += (value - mean) / count;
        up += value - mean - delta;
        down += value - mean + delta;
        least = Math.min(least, up);
        most = Math.max(most, down);
        if (count < LEAST || up - least <= lambda && most - down <= lambda) {
            return false;
        }
        count = 0;
        mean = 0;
        up = 0;
        least = 0;
        down = 0;
        most = 0;
        return true;
    }
}
