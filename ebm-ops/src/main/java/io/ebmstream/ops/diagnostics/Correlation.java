package io.ebmstream.ops.diagnostics;

/**
 * Correlations of series in time, with the mean over the whole series taken off:
 *
 * <pre>
 * rho_ab(l) = sum_t (a_t - mean a)(b_{t+l} - mean b) / sqrt( sum (a - mean a)^2 sum (b - mean b)^2 )
 * </pre>
 *
 * The sum runs over the pairs there are and is not scaled up for long lags, which keeps every value
 * in [-1, 1] (Box, Jenkins, "Time Series Analysis", section 2.1). Of n independent values each lag
 * beyond 0 has a standard deviation of about 1 / sqrt(n). Stateless, thread-safe.
 */
public final class Correlation {
    private Correlation() {}

    /**
     * Autocorrelation at the lags 0 to {@code lags}; NaN for a constant series.
     *
     * @param lags at least 0 and below the length
     * @throws IllegalArgumentException if lags are out of range
     */
    public static double[] auto(double[] series, int lags) {
        double[] both = cross(series, series, lags);
        double[] auto = new double[lags + 1];
        System.arraycopy(both, lags, auto, 0, lags + 1);
        return auto;
    }

    /**
     * Cross-correlation at the lags -{@code lags} to {@code lags}; at a positive lag the first
     * series leads the second. NaN if one is constant.
     *
     * @param lags at least 0 and below the length
     * @return 2 lags + 1 values, lag 0 in the middle
     * @throws IllegalArgumentException if the series differ in length or lags are out of range
     */
    public static double[] cross(double[] first, double[] second, int lags) {
        int n = first.length;
        if (second.length != n || lags < 0 || lags >= n) {
            throw new IllegalArgumentException(
                    "expected two series of one length and lags from 0 to below it, found lengths "
                            + n
                            + " and "
                            + second.length
                            + " and lags "
                            + lags);
        }
        double[] a = centred(first);
        double[] b = centred(second);
        double scale = Math.sqrt(squares(a) * squares(b));
        double[] correlations = new double[2 * lags + 1];
        for (int lag = -lags; lag <= lags; lag++) {
            double sum = 0;
            for (int t = Math.max(0, -lag); t < Math.min(n, n - lag); t++) {
                sum += a[t] * b[t + lag];
            }
            correlations[lag + lags] = scale == 0 ? Double.NaN : sum / scale;
        }
        return correlations;
    }

    private static double[] centred(double[] series) {
        double sum = 0;
        for (double value : series) {
            sum += value;
        }
        double mean = sum / series.length;
        double[] centred = new double[series.length];
        for (int i = 0; i < series.length; i++) {
            centred[i] = series[i] - mean;
        }
        return centred;
    }

    private static double squares(double[] centred) {
        double sum = 0;
        for (double value : centred) {
            sum += value * value;
        }
        return sum;
    }
}
