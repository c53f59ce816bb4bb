package io.ebmstream.ops.training;

import io.ebmstream.ops.diagnostics.Correlation;
import io.ebmstream.ops.plot.Chart;
import java.util.Arrays;

/**
 * Pictures of how training goes: energy difference d, displacement per step rho, and the
 * correlation in time of d and r over the last updates, by which the mechanics of learning are
 * judged (Hill et al. 2022, arXiv 2205.12243, section 3). Stateless, thread-safe.
 */
final class CourseCharts {
    /** Updates over which correlations are taken. */
    static final int WINDOW = 1000;

    private static final int LAGS = 50;
    private static final int SMOOTH = 25;
    private static final double[] HEALTHY_RHO = {0.1, 0.25};

    /** Share of values at each end that a chart of d does not have to show: starts are wild. */
    private static final double CUT = 0.005;

    private CourseCharts() {}

    /** One chart below the other. */
    static Chart[] of(String title, double[] d, double[] r, double[] rho) {
        double[] updates = range(1, d.length);
        double[] shown = finiteSorted(d);
        Chart difference = new Chart(title, "update", "d = (U(x+) - U(x-)) / T");
        if (shown.length > 1) {
            double low = shown[(int) (CUT * shown.length)];
            double high = shown[(int) ((1 - CUT) * (shown.length - 1))];
            double room = 0.05 * (high - low);
            if (room > 0) {
                difference.yRange(low - room, high + room);
            }
        }
        difference
                .line("energy difference d", updates, d)
                .line("median of " + (2 * SMOOTH + 1), updates, median(d));
        Chart magnitude =
                new Chart("", "update", "rho = r / (eps sqrt(dim))")
                        .line("displacement by the gradient", updates, rho)
                        .level("healthy from " + HEALTHY_RHO[0], HEALTHY_RHO[0])
                        .level("to " + HEALTHY_RHO[1], HEALTHY_RHO[1]);
        int from = Math.max(0, d.length - WINDOW);
        double[] lastD = Arrays.copyOfRange(d, from, d.length);
        double[] lastR = Arrays.copyOfRange(r, from, r.length);
        int lags = Math.min(LAGS, lastD.length - 1);
        double noise = 2 / Math.sqrt(lastD.length);
        Chart correlations =
                new Chart("last " + lastD.length + " updates", "lag, updates", "correlation")
                        .yRange(-1.05, 1.05)
                        .line("d with d", range(0, lags + 1), Correlation.auto(lastD, lags))
                        .line("r with r", range(0, lags + 1), Correlation.auto(lastR, lags))
                        .line(
                                "d with r (lag > 0: d leads)",
                                range(-lags, 2 * lags + 1),
                                Correlation.cross(lastD, lastR, lags))
                        .level("of noise", noise)
                        .level("", -noise);
        return new Chart[] {difference, magnitude, correlations};
    }

    private static double[] range(int first, int count) {
        double[] values = new double[count];
        Arrays.setAll(values, i -> first + i);
        return values;
    }

    private static double[] finiteSorted(double[] values) {
        return Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    }

    private static double[] median(double[] values) {
        double[] medians = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double[] near =
                    finiteSorted(
                            Arrays.copyOfRange(
                                    values,
                                    Math.max(0, i - SMOOTH),
                                    Math.min(values.length, i + SMOOTH + 1)));
            medians[i] = near.length == 0 ? Double.NaN : near[near.length / 2];
        }
        return medians;
    }
}
