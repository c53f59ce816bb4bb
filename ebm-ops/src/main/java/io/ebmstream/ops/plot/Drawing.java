package io.ebmstream.ops.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** Turns a {@link Chart} into JFreeChart's objects. Stateless, thread-safe. */
final class Drawing {
    /** Colours that also the colour-blind tell apart (Okabe, Ito 2008). */
    static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x000000)
    };

    private static final Color GRID = new Color(0xDDDDDD);
    private static final Color INK = new Color(0x333333);
    private static final float BAND_OPACITY = 0.2f;
    private static final Shape DOT = new Ellipse2D.Double(-3, -3, 6, 6);
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    private static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Font TICK = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    /** Dashes of the first level, in pixels; further ones are shorter. */
    private static final float DASH = 9;

    /** Least range of a fitted axis, as a share of the values: a constant is no mountain range. */
    private static final double LEAST_RANGE = 1e-3;

    /** Share of its value to which an interval reaches down where a logarithm has no room. */
    private static final double LEAST_SHARE = 1e-3;

    private Drawing() {}

    static JFreeChart of(Chart chart) {
        XYPlot plot = new XYPlot();
        plot.setDomainAxis(axis(chart.xLabel(), chart.isLogX()));
        ValueAxis vertical = axis(chart.yLabel(), chart.isLogY());
        plot.setRangeAxis(vertical);
        for (int i = 0; i < chart.series().size(); i++) {
            Series series = chart.series().get(i);
            plot.setDataset(i, data(series, chart.isLogX(), chart.isLogY()));
            plot.setRenderer(i, renderer(series.style(), COLOURS[i % COLOURS.length]));
        }
        addLevels(chart, plot);
        if (!chart.isLogY()) {
            vertical.setAutoRangeMinimumSize(leastRange(chart));
        }
        if (!Double.isNaN(chart.lowest())) {
            vertical.setRange(chart.lowest(), chart.highest());
        }
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setDomainGridlineStroke(new BasicStroke(1));
        plot.setRangeGridlineStroke(new BasicStroke(1));
        plot.setOutlinePaint(INK);
        plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
        JFreeChart drawn = new JFreeChart(chart.title(), TITLE, plot, true);
        drawn.setBackgroundPaint(Color.WHITE);
        drawn.setPadding(new RectangleInsets(4, 4, 4, 16));
        drawn.getLegend().setItemFont(LABEL);
        drawn.getLegend().setFrame(BlockBorder.NONE);
        return drawn;
    }

    /** Levels are curves of two points, so that axes and legend take them in. */
    private static void addLevels(Chart chart, XYPlot plot) {
        double from = Double.POSITIVE_INFINITY;
        double to = Double.NEGATIVE_INFINITY;
        for (Series series : chart.series()) {
            for (double x : series.x()) {
                if (!Double.isNaN(shown(x, chart.isLogX()))) {
                    from = Math.min(from, x);
                    to = Math.max(to, x);
                }
            }
        }
        int first = chart.series().size();
        for (int i = 0; i < chart.levels().size() && from <= to; i++) {
            Chart.Level level = chart.levels().get(i);
            double[] ends = {from, to};
            double[] values = {level.value(), level.value()};
            Series line = new Series(level.name(), ends, values, null, null, Series.Style.LINE);
            plot.setDataset(first + i, data(line, chart.isLogX(), chart.isLogY()));
            XYLineAndShapeRenderer renderer = renderer(line.style(), INK);
            float dash = DASH / (i + 1);
            renderer.setSeriesStroke(
                    0,
                    new BasicStroke(
                            1.2f,
                            BasicStroke.CAP_BUTT,
                            BasicStroke.JOIN_MITER,
                            10,
                            new float[] {dash, 4},
                            0));
            plot.setRenderer(first + i, renderer);
        }
    }

    /** Never near 0: where all values are 0, ticks would be sought through 300 decades. */
    private static double leastRange(Chart chart) {
        double largest = 0;
        for (Series series : chart.series()) {
            for (double y : series.y()) {
                largest = Double.isFinite(y) ? Math.max(largest, Math.abs(y)) : largest;
            }
        }
        return largest < Float.MIN_NORMAL ? 1 : LEAST_RANGE * largest;
    }

    private static ValueAxis axis(String label, boolean logarithmic) {
        ValueAxis axis;
        if (logarithmic) {
            axis = new DecadeAxis(label);
        } else {
            NumberAxis linear = new NumberAxis(label);
            linear.setAutoRangeIncludesZero(false);
            axis = linear;
        }
        axis.setLabelFont(LABEL);
        axis.setTickLabelFont(TICK);
        axis.setLabelPaint(INK);
        axis.setTickLabelPaint(INK);
        return axis;
    }

    private static YIntervalSeriesCollection data(Series series, boolean logX, boolean logY) {
        // unsorted on purpose: points are joined in the order in which they are given
        YIntervalSeries points = new YIntervalSeries(series.name(), false, true);
        for (int i = 0; i < series.x().length; i++) {
            double x = shown(series.x()[i], logX);
            double y = shown(series.y()[i], logY);
            if (Double.isNaN(x)) {
                continue;
            }
            double low = series.low() == null ? y : series.low()[i];
            double high = series.high() == null ? y : series.high()[i];
            if (logY) {
                low = Math.max(low, LEAST_SHARE * y);
            }
            boolean interval = Double.isFinite(low) && Double.isFinite(high);
            points.add(x, y, interval ? low : y, interval ? high : y);
        }
        YIntervalSeriesCollection data = new YIntervalSeriesCollection();
        data.addSeries(points);
        return data;
    }

    private static double shown(double value, boolean logarithmic) {
        return Double.isFinite(value) && (value > 0 || !logarithmic) ? value : Double.NaN;
    }

    private static XYLineAndShapeRenderer renderer(Series.Style style, Color colour) {
        boolean line = style != Series.Style.POINTS;
        boolean marks = style != Series.Style.LINE && style != Series.Style.BAND;
        XYLineAndShapeRenderer renderer =
                switch (style) {
                    case BAND -> new DeviationRenderer(true, false);
                    case BARS -> new XYErrorRenderer();
                    default -> new XYLineAndShapeRenderer();
                };
        renderer.setSeriesLinesVisible(0, line);
        renderer.setSeriesShapesVisible(0, marks);
        renderer.setSeriesShape(0, DOT);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesFillPaint(0, colour);
        if (renderer instanceof DeviationRenderer band) {
            band.setAlpha(BAND_OPACITY);
        }
        renderer.setSeriesStroke(
                0, new BasicStroke(1.6f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        return renderer;
    }
}
