package io.ebmstream.ops.study;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.Pixels;

/** What a camera may do to all its images from some moment on. Stateless, thread-safe. */
public final class ImageChange {
    private static final double[] BINOMIAL = {0.25, 0.5, 0.25};

    private ImageChange() {}

    /** x + by, clipped to [-1, 1] and rounded. */
    public static Image brighten(Image image, double by) {
        byte[] out = new byte[image.pixels().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Pixels.toByte((float) (Pixels.toFloat(image.pixels()[i]) + by));
        }
        return new Image(image.shape(), out, image.label());
    }

    /** The binomial kernel (1, 2, 1) / 4 across and down; the border's pixels are repeated. */
    public static Image blur(Image image) {
        ImageShape shape = image.shape();
        byte[] out = new byte[image.pixels().length];
        int h = shape.height();
        int w = shape.width();
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    double sum = 0;
                    for (int dy = -1; dy <= 1; dy++) {
                        int row = (c * h + Math.max(0, Math.min(h - 1, y + dy))) * w;
                        for (int dx = -1; dx <= 1; dx++) {
                            int at = row + Math.max(0, Math.min(w - 1, x + dx));
                            sum +=
                                    BINOMIAL[dy + 1]
                                            * BINOMIAL[dx + 1]
                                            * (image.pixels()[at] & 0xFF);
                        }
                    }
                    out[(c * h + y) * w + x] = (byte) Math.round(sum);
                }
            }
        }
        return new Image(shape, out, image.label());
    }
}
