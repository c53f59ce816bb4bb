package io.ebmstream.ops.plot;

import java.util.ArrayList;
import java.util.List;

/**
 * A chart of curves over one horizontal axis. Methods add to this chart and return it:
 *
 * <pre>{@code
 * Chart chart = new Chart("Fashion-MNIST", "Langevin steps", "accuracy").logX().yRange(0, 1)
 *         .bars("BPDA+EOT", steps, robust, low, high)
 *         .level("bare classifier", 0.04);
 * ChartImage.write(Path.of("curve.png"), chart);
 * }</pre>
 *
 * Values that are not finite leave gaps; so do values of 0 or below on a logarithmic axis. Not
 * thread-safe.
 */
public final class Chart {
    /** A horizontal dashed line. */
    record Level(String name, double value) {}

    private final String title;
    private final String xLabel;
    private final String yLabel;
    private final List<Series> series = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();
    private boolean logX;
    private boolean logY;
    private double lowest = Double.NaN;
    private double highest = Double.NaN;

    /**
     * @param title above the chart; empty for none
     * @param xLabel what the horizontal axis shows, with its unit
     * @param yLabel what the vertical axis shows, with its unit
     */
    public Chart(String title, String xLabel, String yLabel) {
        this.title = title;
        this.xLabel = xLabel;
        this.yLabel = yLabel;
    }

    /** Makes the horizontal axis logarithmic. */
    public Chart logX() {
        logX = true;
        return this;
    }

    /** Makes the vertical axis logarithmic. */
    public Chart logY() {
        logY = true;
        return this;
    }

    /**
     * Fixes the vertical axis instead of fitting it to the values.
     *
     * @throws IllegalArgumentException unless low is below high
     */
    public Chart yRange(double low, double high) {
        if (!(low < high)) {
            throw new IllegalArgumentException(
                    "expected a range that rises, found " + low + " to " + high);
        }
        lowest = low;
        highest = high;
        return this;
    }

    /** Adds a line. */
    public Chart line(String name, double[] x, double[] y) {
        return add(new Series(name, x, y, null, null, Series.Style.LINE));
    }

    /** Adds a line with a mark at every point. */
    public Chart marked(String name, double[] x, double[] y) {
        return add(new Series(name, x, y, null, null, Series.Style.MARKED));
    }

    /** Adds marks without a line. */
    public Chart points(String name, double[] x, double[] y) {
        return add(new Series(name, x, y, null, null, Series.Style.POINTS));
    }

    /** Adds a line in the shaded band from low to high. */
    public Chart band(String name, double[] x, double[] y, double[] low, double[] high) {
        return add(new Series(name, x, y, low, high, Series.Style.BAND));
    }

    /** Adds a marked line with a bar from low to high at every point. */
    public Chart bars(String name, double[] x, double[] y, double[] low, double[] high) {
        return add(new Series(name, x, y, low, high, Series.Style.BARS));
    }

    /** Adds a horizontal dashed line across the curves; it is in the legend too. */
    public Chart level(String name, double value) {
        levels.add(new Level(name, value));
        return this;
    }

    private Chart add(Series added) {
        series.add(added);
        return this;
    }

    String title() {
        return title;
    }

    String xLabel() {
        return xLabel;
    }

    String yLabel() {
        return yLabel;
    }

    List<Series> series() {
        return series;
    }

    List<Level> levels() {
        return levels;
    }

    boolean isLogX() {
        return logX;
    }

    boolean isLogY() {
        return logY;
    }

    /** Lower end of a fixed vertical axis, NaN for a fitted one. */
    double lowest() {
        return lowest;
    }

    /** Upper end of a fixed vertical axis, NaN for a fitted one. */
    double highest() {
        return highest;
    }
}
