package io.ebmstream.ops.plot;

/**
 * One named curve: points (x, y), and maybe an interval [low, high] around every y. A value that is
 * not finite leaves a gap. Arrays are not copied.
 *
 * @param name name in the legend
 * @param x positions along the horizontal axis
 * @param y values
 * @param low lower ends of the intervals, or null for none
 * @param high upper ends of the intervals, or null for none
 * @param style how it is drawn
 */
record Series(String name, double[] x, double[] y, double[] low, double[] high, Style style) {
    /** How a curve is drawn. */
    enum Style {
        /** A line through the points. */
        LINE,
        /** A line with a mark at every point. */
        MARKED,
        /** Marks without a line. */
        POINTS,
        /** A line in the shaded band of its intervals. */
        BAND,
        /** A marked line with a bar for every interval. */
        BARS
    }

    /**
     * @throws IllegalArgumentException if arrays differ in length, or an interval has one end only
     */
    Series {
        if (x.length != y.length
                || (low == null) != (high == null)
                || low != null && (low.length != x.length || high.length != x.length)) {
            throw new IllegalArgumentException(
                    "expected as many y, low and high as x, found "
                            + x.length
                            + " x, "
                            + y.length
                            + " y, "
                            + (low == null ? "no" : low.length)
                            + " low and "
                            + (high == null ? "no" : high.length)
                            + " high in "
                            + name);
        }
    }
}
