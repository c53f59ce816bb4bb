package io.ebmstream.ops.image;

/**
 * The figures of {@link ShapesDataset}, each by its signed distance: below 0 inside, above 0
 * outside, near the edge the distance to it. Coordinates are in units of the figure's radius, y
 * downwards. (I. Quilez, "2D distance functions".)
 */
enum Figure {
    CIRCLE(0) {
        @Override
        double distance(double x, double y) {
            return length(x, y) - 0.9;
        }
    },
    SQUARE(0.08) {
        @Override
        double distance(double x, double y) {
            return box(x, y, 0.8, 0.8);
        }
    },
    TRIANGLE(0.08) {
        @Override
        double distance(double x, double y) {
            // three half planes: sides at 120 degrees, the lowest one level
            double slanted = Math.abs(x) * 0.8660254037844386 - y * 0.5;
            return Math.max(y - 0.55, slanted - 0.5);
        }
    },
    RING(0) {
        @Override
        double distance(double x, double y) {
            return Math.abs(length(x, y) - 0.72) - 0.22;
        }
    },
    CROSS(0.15) {
        @Override
        double distance(double x, double y) {
            return Math.min(box(x, y, 0.95, 0.3), box(x, y, 0.3, 0.95));
        }
    },
    BARS(1) {
        @Override
        double distance(double x, double y) {
            double centre = x < -0.3 ? -0.6 : x > 0.3 ? 0.6 : 0;
            return box(x - centre, y, 0.18, 0.8);
        }
    },
    STAR(0.1) {
        @Override
        double distance(double x, double y) {
            return star(x, y);
        }
    },
    CRESCENT(0.15) {
        @Override
        double distance(double x, double y) {
            return Math.max(length(x, y) - 0.95, 0.75 - length(x - 0.45, y));
        }
    };

    private final double turns;

    Figure(double turns) {
        this.turns = turns;
    }

    /** How far it is turned at most, in half turns. */
    double turns() {
        return turns;
    }

    abstract double distance(double x, double y);

    private static double length(double x, double y) {
        return Math.sqrt(x * x + y * y);
    }

    private static double box(double x, double y, double halfWidth, double halfHeight) {
        double dx = Math.abs(x) - halfWidth;
        double dy = Math.abs(y) - halfHeight;
        return length(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0);
    }

    /**
     * Five points: folded three times onto one half of one point, then the distance to its edge.
     */
    private static double star(double x, double y) {
        double k1x = 0.8090169943749475;
        double k1y = -0.5877852522924731;
        double inner = 0.42;
        double px = Math.abs(x);
        double py = -y;
        double fold = 2 * Math.max(k1x * px + k1y * py, 0);
        px -= fold * k1x;
        py -= fold * k1y;
        fold = 2 * Math.max(-k1x * px + k1y * py, 0);
        px += fold * k1x;
        py -= fold * k1y;
        px = Math.abs(px);
        py -= 1;
        double ex = inner * -k1y;
        double ey = inner * k1x - 1;
        double along = (px * ex + py * ey) / (ex * ex + ey * ey);
        double h = Math.max(0, Math.min(1, along));
        double outside = Math.signum(py * ex - px * ey);
        return length(px - ex * h, py - ey * h) * outside;
    }
}
