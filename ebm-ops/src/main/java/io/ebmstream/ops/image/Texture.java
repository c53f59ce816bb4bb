package io.ebmstream.ops.image;

import io.ebmstream.ops.sampler.Threefry;

/**
 * A surface of {@link ShapesDataset}: a pattern that mixes two colours of like lightness. Values,
 * thread-safe.
 *
 * @param kind the pattern
 * @param first colour where the mix is 0; red, green, blue in [0, 1]
 * @param second colour where the mix is 1
 * @param ux direction of the pattern over its period, horizontal part
 * @param uy vertical part
 * @param phase where in its period the pattern starts
 * @param noise key of the pattern's own random values
 */
record Texture(
        Kind kind,
        double[] first,
        double[] second,
        double ux,
        double uy,
        double phase,
        long noise) {

    enum Kind {
        GRADIENT,
        CHECKS,
        WAVES,
        CLOUDS
    }

    /**
     * RandomSequence a texture.
     *
     * @param side of the image in pixels
     * @param dark whether its colours are dark or light
     */
    static Texture draw(RandomSequence draws, double side, boolean dark) {
        Kind kind = Kind.values()[draws.below(Kind.values().length)];
        double hue = draws.uniform();
        double[] first = colour(draws, hue, dark);
        double[] second = colour(draws, hue + draws.uniform(-0.12, 0.12), dark);
        double angle = draws.uniform(0, 2 * StrictMath.PI);
        double period =
                switch (kind) {
                    case GRADIENT -> side;
                    case CHECKS -> side * draws.uniform(0.16, 0.3);
                    case WAVES -> side * draws.uniform(0.18, 0.4);
                    case CLOUDS -> side * draws.uniform(0.14, 0.28);
                };
        return new Texture(
                kind,
                first,
                second,
                StrictMath.cos(angle) / period,
                StrictMath.sin(angle) / period,
                draws.uniform(0, 1),
                draws.bits());
    }

    /** The colour at a pixel, written into {@code out}. */
    void colour(int x, int y, double[] out) {
        double along = ux * x + uy * y;
        double across = uy * x - ux * y;
        double mix =
                switch (kind) {
                    case GRADIENT -> clamp(0.5 + 0.7 * along - 0.35 * (phase + 0.5));
                    case CHECKS -> 0.5 + 0.5 * edge(along + phase) * edge(across + phase);
                    case WAVES -> triangle(along + phase);
                    case CLOUDS -> clouds(along + phase, across + phase);
                };
        for (int c = 0; c < 3; c++) {
            out[c] = first[c] + mix * (second[c] - first[c]);
        }
    }

    /** A square wave of period 2 between -1 and 1, with soft edges. */
    private static double edge(double t) {
        double wave = 2 * triangle(t / 2) - 1;
        return Math.max(-1, Math.min(1, 4 * wave));
    }

    /** A triangle wave of period 1 between 0 and 1. */
    private static double triangle(double t) {
        double part = t - Math.floor(t);
        return 1 - Math.abs(2 * part - 1);
    }

    /** Value noise: random numbers on a lattice, smoothly joined. (K. Perlin's smoothstep.) */
    private double clouds(double s, double t) {
        int i = (int) Math.floor(s);
        int j = (int) Math.floor(t);
        double u = smooth(s - i);
        double v = smooth(t - j);
        double top = lattice(i, j) * (1 - u) + lattice(i + 1, j) * u;
        double bottom = lattice(i, j + 1) * (1 - u) + lattice(i + 1, j + 1) * u;
        return top * (1 - v) + bottom * v;
    }

    private double lattice(int i, int j) {
        long bits = Threefry.block(noise, (i & 0xFFFFFFFFL) | (long) j << 32);
        return (bits >>> 11) * 0x1p-53;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    private static double clamp(double t) {
        return Math.max(0, Math.min(1, t));
    }

    /** A colour of the given hue whose luma is clearly dark or clearly light. */
    private static double[] colour(RandomSequence draws, double hue, boolean dark) {
        double saturation = draws.uniform(0.45, 0.95);
        double wanted = dark ? draws.uniform(0.08, 0.3) : draws.uniform(0.55, 0.85);
        double[] rgb = new double[3];
        for (int c = 0; c < 3; c++) {
            // HSV to RGB, channel by channel: 5, 3, 1 for red, green, blue
            double k = 5 - 2 * c + 6 * (hue - Math.floor(hue));
            k -= 6 * Math.floor(k / 6);
            rgb[c] = 1 - saturation * Math.max(0, Math.min(1, Math.min(k, 4 - k)));
        }
        double luma = luma(rgb);
        for (int c = 0; c < 3; c++) {
            // towards black by scaling, towards white by mixing
            rgb[c] =
                    luma >= wanted
                            ? rgb[c] * wanted / luma
                            : rgb[c] + (1 - rgb[c]) * (wanted - luma) / (1 - luma);
        }
        return rgb;
    }

    /** Lightness of a colour: 0.299 r + 0.587 g + 0.114 b (ITU-R BT.601). */
    static double luma(double[] rgb) {
        return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    }
}
