package io.ebmstream.ops.classifier;

import java.util.Locale;

/**
 * A share of independent trials with its 95 % interval (Wilson 1927):
 *
 * <pre>
 * centre = (p + z^2 / 2n) / (1 + z^2 / n)
 * half   = z sqrt(p (1 - p) / n + z^2 / 4n^2) / (1 + z^2 / n),   z = 1.96
 * </pre>
 *
 * @param successes 0 to trials
 * @param trials n, at least 1
 */
public record Proportion(int successes, int trials) {
    /** 97.5 % quantile of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /**
     * @throws IllegalArgumentException if there are no trials, or more successes than trials
     */
    public Proportion {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    "expected at least 1 trial and 0 to so many successes, found "
                            + successes
                            + " of "
                            + trials);
        }
    }

    /** successes / trials. */
    public double value() {
        return (double) successes / trials;
    }

    /** Lower end of the interval. */
    public double low() {
        return Math.max(0, centre() - half());
    }

    /** Upper end of the interval. */
    public double high() {
        return Math.min(1, centre() + half());
    }

    private double centre() {
        return (value() + Z * Z / (2 * trials)) / (1 + Z * Z / trials);
    }

    private double half() {
        double p = value();
        double n = trials;
        return Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f] (%d)", value(), low(), high(), trials);
    }
}
