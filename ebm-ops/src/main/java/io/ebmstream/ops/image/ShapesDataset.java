package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Made-up images for where no others are at hand: one smooth-edged shape on a textured background,
 * with shape, place, size, turn, colours and textures drawn at random. Image i is a pure function
 * of (seed, i, shape), the same on every machine; the label is the class of the figure.
 *
 * <p>Nothing is kept: an image is drawn each time it is asked for (about 0.1 ms at 32x32).
 */
public final class ShapesDataset extends MadeUpImages {
    /** Usual shape: 32x32, colour. */
    public static final ImageShape DEFAULT_SHAPE = new ImageShape(3, 32, 32);

    private static final List<String> CLASS_NAMES =
            Arrays.stream(Figure.values()).map(f -> f.name().toLowerCase(Locale.ROOT)).toList();

    private static final long PURPOSE = 0x736861706573L;

    /**
     * @param shape [c, h, w] with 1 or 3 channels and sides of at least 8
     * @param size number of images, at least 1
     * @throws IllegalArgumentException if a value is out of range
     */
    public ShapesDataset(ImageShape shape, long seed, int size) {
        super("shapes", PURPOSE, shape, seed, size);
        if (shape.channels() != 1 && shape.channels() != 3
                || shape.height() < 8
                || shape.width() < 8) {
            throw new IllegalArgumentException(
                    "expected shapes of 1 or 3 channels and at least 8x8, found " + shape);
        }
    }

    @Override
    public List<String> classNames() {
        return CLASS_NAMES;
    }

    @Override
    Image draw(RandomSequence draws) {
        ImageShape shape = shape();
        Figure figure = Figure.values()[draws.below(Figure.values().length)];
        double side = Math.min(shape.height(), shape.width());
        double radius = side * draws.uniform(0.26, 0.4);
        double cx = shape.width() / 2.0 + (shape.width() / 2.0 - radius) * draws.uniform(-0.8, 0.8);
        double cy =
                shape.height() / 2.0 + (shape.height() / 2.0 - radius) * draws.uniform(-0.8, 0.8);
        double turn = draws.uniform(-StrictMath.PI, StrictMath.PI) * figure.turns();
        double cos = StrictMath.cos(turn) / radius;
        double sin = StrictMath.sin(turn) / radius;
        // figure and ground differ in lightness, so that gray images show them too
        boolean darkGround = draws.uniform() < 0.5;
        Texture ground = Texture.draw(draws, side, darkGround);
        Texture filling = Texture.draw(draws, side, !darkGround);

        byte[] out = new byte[shape.size()];
        int plane = shape.height() * shape.width();
        double[] under = new double[3];
        double[] over = new double[3];
        for (int y = 0; y < shape.height(); y++) {
            for (int x = 0; x < shape.width(); x++) {
                double dx = x + 0.5 - cx;
                double dy = y + 0.5 - cy;
                double distance = figure.distance(cos * dx + sin * dy, cos * dy - sin * dx);
                // a pixel at the edge is covered by the part inside
                double cover = Math.max(0, Math.min(1, 0.5 - distance * radius));
                (cover == 1 ? filling : ground).colour(x, y, under);
                if (cover > 0 && cover < 1) {
                    filling.colour(x, y, over);
                    for (int c = 0; c < 3; c++) {
                        under[c] += cover * (over[c] - under[c]);
                    }
                }
                int at = y * shape.width() + x;
                if (shape.channels() == 1) {
                    out[at] = toByte(Texture.luma(under), draws);
                } else {
                    for (int c = 0; c < 3; c++) {
                        out[c * plane + at] = toByte(under[c], draws);
                    }
                }
            }
        }
        return new Image(shape, out, figure.ordinal());
    }
}
