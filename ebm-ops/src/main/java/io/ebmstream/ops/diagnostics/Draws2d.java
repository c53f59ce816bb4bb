package io.ebmstream.ops.diagnostics;

/** Sums over the draws of several chains. Stateless, thread-safe. */
final class Draws2d {
    private Draws2d() {}

    /**
     * The number of draws of every chain.
     *
     * @throws IllegalArgumentException if there is no chain, or they differ in length, or have
     *     fewer than {@code least} draws
     */
    static int length(double[][] chains, int least) {
        int length = chains.length == 0 ? 0 : chains[0].length;
        for (double[] chain : chains) {
            if (chain.length != length) {
                throw new IllegalArgumentException(
                        "expected chains of one length, found "
                                + length
                                + " and "
                                + chain.length
                                + " draws");
            }
        }
        if (length < least) {
            throw new IllegalArgumentException(
                    "expected chains of at least "
                            + least
                            + " draws, found "
                            + chains.length
                            + " chains of "
                            + length);
        }
        return length;
    }

    static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Unbiased; 0 for a single value. */
    static double variance(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return values.length < 2 ? 0 : sum / (values.length - 1);
    }

    /** Unbiased variance between the chains' means; 0 for a single chain. */
    static double varianceOfMeans(double[][] chains) {
        double[] means = new double[chains.length];
        for (int i = 0; i < chains.length; i++) {
            means[i] = mean(chains[i]);
        }
        return variance(means);
    }
}
