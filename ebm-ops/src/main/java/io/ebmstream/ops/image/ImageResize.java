package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;

/**
 * Brings images of any size to one shape: a centre crop to the target's aspect ratio, then the mean
 * over the area that each target pixel covers. Gray becomes colour by three equal channels, colour
 * becomes gray by luma 0.299 r + 0.587 g + 0.114 b (ITU-R BT.601). Stateless, thread-safe.
 */
public final class ImageResize {
    private ImageResize() {}

    /**
     * The image in another shape; itself if it has it already.
     *
     * @param target [c, h, w] with 1 or 3 channels
     * @throws IllegalArgumentException if either shape has neither 1 nor 3 channels
     */
    public static Image toShape(Image image, ImageShape target) {
        if (image.shape().equals(target)) {
            return image;
        }
        return resized(withChannels(image, target.channels()), target);
    }

    private static Image withChannels(Image image, int channels) {
        ImageShape shape = image.shape();
        if (shape.channels() == channels) {
            return image;
        }
        boolean known = shape.channels() == 1 || shape.channels() == 3;
        if (!known || channels != 1 && channels != 3) {
            throw new IllegalArgumentException(
                    "expected 1 or 3 channels, found "
                            + shape.channels()
                            + " to become "
                            + channels);
        }
        int plane = shape.height() * shape.width();
        byte[] in = image.pixels();
        byte[] out = new byte[channels * plane];
        for (int i = 0; i < plane; i++) {
            if (channels == 3) {
                out[i] = in[i];
                out[plane + i] = in[i];
                out[2 * plane + i] = in[i];
            } else {
                double luma =
                        0.299 * (in[i] & 0xFF)
                                + 0.587 * (in[plane + i] & 0xFF)
                                + 0.114 * (in[2 * plane + i] & 0xFF);
                out[i] = (byte) Math.min(255, (int) (luma + 0.5));
            }
        }
        ImageShape changed = new ImageShape(channels, shape.height(), shape.width());
        return new Image(changed, out, image.label());
    }

    private static Image resized(Image image, ImageShape target) {
        int h = image.shape().height();
        int w = image.shape().width();
        // the largest part of the image with the target's aspect ratio
        double side = Math.min((double) h / target.height(), (double) w / target.width());
        double top = (h - side * target.height()) / 2;
        double left = (w - side * target.width()) / 2;
        byte[] out = new byte[target.size()];
        for (int y = 0, to = 0; y < target.channels() * target.height(); y++) {
            int channel = y / target.height();
            double y0 = top + y % target.height() * side;
            for (int x = 0; x < target.width(); x++) {
                double x0 = left + x * side;
                double mean = mean(image, channel, y0, y0 + side, x0, x0 + side);
                out[to++] = (byte) Math.min(255, (int) (mean + 0.5));
            }
        }
        return new Image(target, out, image.label());
    }

    /** Mean of the pixels in a rectangle; pixels at its border count by the part inside. */
    private static double mean(
            Image image, int channel, double y0, double y1, double x0, double x1) {
        int yEnd = Math.min(image.shape().height(), (int) Math.ceil(y1));
        int xEnd = Math.min(image.shape().width(), (int) Math.ceil(x1));
        double sum = 0;
        double area = 0;
        for (int y = (int) Math.max(0, y0); y < yEnd; y++) {
            double rows = Math.min(y1, y + 1) - Math.max(y0, y);
            for (int x = (int) Math.max(0, x0); x < xEnd; x++) {
                double part = rows * (Math.min(x1, x + 1) - Math.max(x0, x));
                sum += part * image.pixel(channel, y, x);
                area += part;
            }
        }
        return sum / area;
    }
}
