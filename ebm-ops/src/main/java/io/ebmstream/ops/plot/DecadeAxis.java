package io.ebmstream.ops.plot;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/**
 * A logarithmic axis with ticks at 1, 10, 100; where it spans less than three decades also at 2 and
 * 5 times these. JFreeChart's own writes powers such as 10^0.2.
 */
final class DecadeAxis extends LogAxis {
    private static final long serialVersionUID = 1L;

    private static final int[] DENSE = {1, 2, 5};
    private static final int[] SPARSE = {1};
    private static final double DENSE_BELOW = 1000;
    private static final double PLAIN_FROM = 1e-3;
    private static final double PLAIN_BELOW = 1e6;

    DecadeAxis(String label) {
        super(label);
    }

    @Override
    public List<NumberTick> refreshTicks(
            Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
        boolean horizontal = RectangleEdge.isTopOrBottom(edge);
        TextAnchor anchor = horizontal ? TextAnchor.TOP_CENTER : TextAnchor.CENTER_RIGHT;
        double low = getLowerBound();
        double high = getUpperBound();
        int[] digits = high / low < DENSE_BELOW ? DENSE : SPARSE;
        List<NumberTick> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) <= high; power++) {
            for (int digit : digits) {
                double value = digit * Math.pow(10, power);
                if (value >= low && value <= high) {
                    ticks.add(new NumberTick(value, text(value), anchor, TextAnchor.CENTER, 0));
                }
            }
        }
        return ticks;
    }

    static String text(double value) {
        boolean plain = value >= PLAIN_FROM && value < PLAIN_BELOW;
        return new DecimalFormat(
                        plain ? "#,##0.###" : "0E0", DecimalFormatSymbols.getInstance(Locale.ROOT))
                .format(value);
    }
}
